"""The program as a whole, as a shell starts it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import edgekit


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edgekit", *arguments], capture_output=True, text=True, timeout=60
    )


def test_the_version():
    done = started("--version")
    assert (done.returncode, done.stdout) == (0, f"edgekit {edgekit.__version__}\n")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_the_commands(option):
    done = started(option)
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("demo", "export", "hil", "report"))


def test_a_misspelt_command_is_wrong_input():
    done = started("exprot")
    assert done.returncode == 2
    assert "exprot" in done.stderr

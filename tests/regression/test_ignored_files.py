"""Cause: a pattern in .gitignore (`export/`) also hid a folder of templates from a clone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_that_a_clone_needs_is_ignored():
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    kept = [
        str(path.relative_to(ROOT))
        for folder in ("edgekit", "firmware", "templates", "boards")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert len(kept) > 300
    command = ["git", "check-ignore", "--no-index", "--stdin"]
    done = subprocess.run(
        command, cwd=ROOT, input="\n".join(kept), capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == []

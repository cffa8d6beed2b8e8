"""cppcheck with its MISRA addon finds no kind of departure that docs/c-api.md does not list."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edgekit.paths import share

ROOT = Path(__file__).resolve().parents[2]
# Errors of cppcheck itself that are listed too.
SHIFTS = {"shiftNegativeLHS", "shiftTooManyBitsSigned"}


def listed() -> set[str]:
    """Returns the rules in the first column of the table in docs/c-api.md, e.g. "10.1"."""
    text = (ROOT / "docs" / "c-api.md").read_text(encoding="utf-8")
    section = text.split("## MISRA C:2012", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("|")]
    return {rule for row in rows for rule in re.findall(r"\d+\.\d+", row)}


@pytest.mark.slow
def test_no_departure_from_misra_is_of_a_kind_that_is_not_listed() -> None:
    if shutil.which("cppcheck") is None:
        pytest.skip("cppcheck is not installed")
    firmware = share("firmware")
    folders = [firmware / name for name in ("kernels", "postproc", "link", "app")]
    sources = [str(path) for folder in folders for path in sorted(folder.glob("*.c"))]
    done = subprocess.run(
        ["cppcheck", "--std=c11", "--addon=misra", "--enable=style", "--quiet",
         "--template={severity}|{id}|{file}:{line}|{message}", *(f"-I{folder}" for folder in folders),
         f"-I{firmware / 'ports'}", *sources, str(ROOT / "tests" / "compiler" / "golden" / "tiny.c")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    known = listed() | SHIFTS
    lines = [line.split("|", 2) for line in done.stderr.splitlines() if line.count("|") >= 2]
    found = [(kind, where) for severity, kind, where in lines if severity == "error" or "misra" in kind]
    new = [f"{kind} {where}" for kind, where in found if kind.removeprefix("misra-c2012-") not in known]
    assert not new, "list the rule in docs/c-api.md, with the reason, or keep to it:\n" + "\n".join(new[:20])
    assert len(found) > 100, "the addon did not run"

"""What `edgekit doctor` examines."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from edgekit import console, reference
from edgekit.device import tools
from edgekit.errors import EnvironmentFailed
from edgekit.scenes import gl

_BASE = ("numpy", "ai-edge-litert", "tflite-micro", "pyserial", "jinja2", "pydantic")
_TRAIN = ("tensorflow", "keras", "scipy", "wfdb", "scikit-learn", "matplotlib")


@dataclass(frozen=True)
class Check:
    """One thing that edgekit may need.

    Args:
        name: Program or package.
        found: Version, or "" where it is missing.
        needed_for: What does not work without it.
        install: The line that installs it.
    """

    name: str
    found: str
    needed_for: str
    install: str

    def as_dict(self) -> dict[str, Any]:
        """Returns the check as JSON values."""
        return asdict(self)


def examine() -> list[Check]:
    """Returns what is installed and what is missing."""
    checks = [Check("Python", platform.python_version(), "edgekit", sys.executable)]
    checks += [Check(name, _version(name), "export, build, hil", "pip install edgekit") for name in _BASE]
    checks += [
        Check(name, _version(name), "train, quantize, evaluate, demo", "pip install 'edgekit[train]'")
        for name in _TRAIN
    ]
    checks += [_oracle(profile) for profile in ("litert", "tflm")]
    checks.append(_opengl())
    for name, tool in tools.TOOLS.items():
        checks.append(Check(name, tools.version(name), tool.purpose, tool.install))
    return checks


def show(checks: list[Check]) -> None:
    """Prints the table, then the lines that install what is missing."""
    from rich.text import Text

    table = console.table("", ["what", "found", "needed for"])
    for check in checks:
        table.add_row(check.name, check.found or Text("missing", "red"), check.needed_for)
    out = console.stdout()
    out.print(table)
    lines = dict.fromkeys(check.install for check in checks if not check.found)
    if lines:
        out.print("To install what is missing (only what you need):")
        for line in lines:
            out.print(f"    {line}")


def _opengl() -> Check:
    try:
        found = gl.renderer().name
    except EnvironmentFailed:
        found = ""
    return Check("OpenGL without a screen", found, "data render, synthetic-scenes", gl.INSTALL)


def _oracle(profile: str) -> Check:
    rows = [row for row in reference.available() if row["profile"] == profile]
    good = next((row for row in rows if not row["fault"]), None)
    found = f"{good['runtime']} {good['version']}, passes the probes" if good else ""
    return Check(f"reference for {profile}", found, f"hil, --numerics {profile}", rows[0]["hint"])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""

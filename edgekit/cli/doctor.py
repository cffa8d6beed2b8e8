"""edgekit doctor: what is installed, what is missing, and the line that installs it."""

from __future__ import annotations

import typer

from edgekit.cli.command import Outcome, add

ORDER = 25


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, doctor, "doctor", examples=["edgekit doctor", "edgekit doctor --json doctor.json"])


def doctor() -> Outcome:
    """Show what is installed, what is missing, and the line that installs it."""
    from edgekit.pipeline.doctor import examine, show

    checks = examine()
    show(checks)
    return Outcome([check.as_dict() for check in checks])

"""edgekit report: the page of a run."""

from __future__ import annotations

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 45


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, report, "report", examples=["edgekit report runs/ecg-rhythm/quick-1a2b3c4d"])


def report(run: options.Run) -> Outcome:
    """Write report.html, report.md and junit.xml of a run, or of an exported folder."""
    from edgekit.pipeline.report import write

    return Outcome({name: str(path) for name, path in write(run).items()})

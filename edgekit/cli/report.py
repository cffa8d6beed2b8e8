"""edgekit report: the page of a run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add
from edgekit.errors import ExitStatus

ORDER = 45


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        report,
        "report",
        examples=[
            "edgekit report runs/ecg-rhythm/quick-1a2b3c4d",
            "edgekit report out --against last-release.json --allow time=5,flash=2",
            "edgekit report out --energy trace.csv --volts 3.3",
        ],
    )


def report(
    run: options.Run,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="OLD.json",
            help="What `hil --json` wrote then: fail where exactness, accuracy, time or memory got worse.",
        ),
    ] = None,
    allow: Annotated[
        str,
        typer.Option(
            "--allow",
            metavar="FIGURE=N,...",
            help="How much worse is allowed: time, ram, flash in per cent, accuracy in points; "
            "default time=2,ram=0,flash=1,accuracy=0.",
        ),
    ] = "",
    energy: Annotated[
        Path | None,
        typer.Option(
            "--energy",
            metavar="FILE.csv",
            help="What a power analyser recorded meanwhile (docs/report.md).",
        ),
    ] = None,
    board: Annotated[str, typer.Option("--board", help="Whose run it was; for --energy.")] = "",
    volts: Annotated[
        float, typer.Option("--volts", min=0, help="Supply, where FILE.csv has currents.")
    ] = 0.0,
) -> Outcome:
    """Write report.html, report.md and junit.xml of a run, or of an exported folder."""
    from edgekit.pipeline.energy import add
    from edgekit.pipeline.report import compare, write

    if energy is not None:
        add(run, energy, board, volts)
    result: dict[str, object] = {name: str(path) for name, path in write(run).items()}
    if against is None:
        return Outcome(result)
    changes = compare(run, against, allow)
    worse = any(change.outcome == "worse" for change in changes)
    result["against"] = [asdict(change) for change in changes]
    return Outcome(result, ExitStatus.CHECK_FAILED if worse else ExitStatus.HELD)

"""edgekit domains: runs beside each other on the test subjects of several data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli.command import Outcome, add

ORDER = 34


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        domains,
        "domains",
        extra="train",
        examples=[
            "edgekit domains runs/aircraft-detect/quick-1a2b3c4d runs/aircraft-detect/quick-5e6f7a8b",
            "edgekit domains 'A only=runs/...' 'A, then 10 % of B=runs/...' --on A=runs/... --on B=runs/...",
        ],
    )


def domains(
    runs: Annotated[
        list[str], typer.Argument(metavar="[NAME=]RUN...", help="Run folders.", show_default=False)
    ],
    on: Annotated[
        list[str],
        typer.Option(
            "--on",
            metavar="[NAME=]RUN",
            help="Run whose test subjects all are scored on; may be repeated; default: those of the runs.",
        ),
    ] = [],  # noqa: B006 (typer copies it)
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write.")] = Path(
        "domains"
    ),
) -> Outcome:
    """Score runs on each other's test subjects: what a change of domain costs, as table and picture.

    A test subject that a run, or one that it started from, has trained on is refused.
    """
    from edgekit.pipeline.domains import compare

    return Outcome(compare(runs, on, out))

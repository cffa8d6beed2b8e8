"""edgekit sensitivity: which layer costs how much when it is quantised."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 34


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        sensitivity,
        "sensitivity",
        extra="train",
        examples=["edgekit sensitivity runs/ecg-rhythm/quick-1a2b3c4d --frames 400"],
    )


def sensitivity(
    run: options.Run,
    frames: Annotated[
        int,
        typer.Option(min=4, help="Validation frames of the metric; a quarter as many for the noise ratios."),
    ] = 200,
) -> Outcome:
    """Tell which layer costs how much in int8: each one quantised alone, and each one spared.

    The figures are kept layer by layer: a run that was cut goes on where it stopped.
    """
    from edgekit.pipeline.run_folder import RunFolder
    from edgekit.pipeline.sensitivity import sensitivity as measure

    return Outcome(measure(RunFolder.open(run), frames))

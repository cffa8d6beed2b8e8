"""edgekit quantize: post-training quantisation of a trained run."""

from __future__ import annotations

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 32


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app, quantize, "quantize", extra="train", examples=["edgekit quantize runs/ecg-rhythm/quick-1a2b3c4d"]
    )


def quantize(run: options.Run) -> Outcome:
    """Quantise a trained run to INT8 again; fails when accuracy falls by more than the recipe's budget."""
    from edgekit.pipeline.compress import quantize as quantize_run
    from edgekit.pipeline.run_folder import RunFolder

    return Outcome(quantize_run(RunFolder.open(run), again=True))

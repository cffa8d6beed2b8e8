"""edgekit quantize: quantisation of a trained run, after training or in it."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add
from edgekit.errors import InputError

ORDER = 32


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        quantize,
        "quantize",
        extra="train",
        examples=[
            "edgekit quantize runs/ecg-rhythm/quick-1a2b3c4d",
            "edgekit quantize runs/ecg-rhythm/quick-1a2b3c4d --qat --epochs 5",
        ],
    )


def quantize(
    run: options.Run,
    qat: Annotated[
        bool, typer.Option("--qat", help="Train quantisation-aware first, which gives a run of its own.")
    ] = False,
    epochs: options.Epochs = None,
    learning_rate: options.LearningRate = None,
    settings: options.StepSettings = [],  # noqa: B006 (typer copies it)
) -> Outcome:
    """Quantise a trained run to INT8 again; fails when its metric falls by more than the recipe's budget."""
    given = options.step_settings(settings, epochs=epochs, learning_rate=learning_rate)
    if qat:
        from edgekit.pipeline.derive import apply

        return Outcome(apply(run, "qat", given))
    if given:
        raise InputError(where=", ".join(given), what="belongs to quantisation-aware training", hint="--qat")
    from edgekit.pipeline.compress import quantize as quantize_run
    from edgekit.pipeline.run_folder import RunFolder

    return Outcome(quantize_run(RunFolder.open(run), again=True))

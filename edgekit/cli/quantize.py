"""edgekit quantize: quantisation of a trained run, after training or in it."""

from __future__ import annotations

from typing import Annotated, Any

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
            "edgekit quantize runs/ecg-rhythm/quick-1a2b3c4d --activations int16",
            "edgekit quantize runs/ecg-rhythm/quick-1a2b3c4d --bias-correction",
        ],
    )


def quantize(
    run: options.Run,
    qat: Annotated[
        bool, typer.Option("--qat", help="Train quantisation-aware first, which gives a run of its own.")
    ] = False,
    activations: Annotated[
        str,
        typer.Option("--activations", metavar="int8|int16", help="Type of activations; a run of its own."),
    ] = "",
    int16_layers: Annotated[
        list[str],
        typer.Option(
            "--int16-layers",
            metavar="PATTERN",
            help="Layers with int16 activations, by number or name; a run of its own; may be repeated.",
        ),
    ] = [],  # noqa: B006 (typer copies it)
    bias_correction: Annotated[
        bool | None,
        typer.Option(
            "--bias-correction/--no-bias-correction",
            help="Biases take back what rounding shifts; a run of its own.",
            show_default=False,
        ),
    ] = None,
    epochs: options.Epochs = None,
    learning_rate: options.LearningRate = None,
    settings: options.StepSettings = [],  # noqa: B006 (typer copies it)
    gpus: options.Gpus = None,
) -> Outcome:
    """Quantise a trained run again; fails when its metric falls by more than the recipe's budget.

    Quantisation-aware, or with other activations or biases, the result is a run beside the given one.
    """
    from edgekit.training import devices

    devices.use(gpus)
    given = options.step_settings(settings, epochs=epochs, learning_rate=learning_rate)
    chosen: dict[str, Any] = {}
    if activations or int16_layers:
        chosen = {"activations": activations or "int8", "int16_layers": int16_layers}
    if bias_correction is not None:
        chosen["bias_correction"] = bias_correction
    if chosen:
        if qat:
            raise InputError(
                where="--qat", what="trains for int8 activations in all layers, and corrects no biases"
            )
        if given:
            raise _untrained(given)
        from edgekit.pipeline.derive import requantize

        return Outcome(requantize(run, chosen))
    if qat:
        from edgekit.pipeline.derive import apply

        return Outcome(apply(run, "qat", given))
    if given:
        raise _untrained(given)
    from edgekit.pipeline.compress import quantize as quantize_run
    from edgekit.pipeline.run_folder import RunFolder

    return Outcome(quantize_run(RunFolder.open(run), again=True))


def _untrained(given: dict[str, Any]) -> InputError:
    return InputError(where=", ".join(given), what="belongs to quantisation-aware training", hint="--qat")

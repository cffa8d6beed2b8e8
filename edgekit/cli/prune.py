"""edgekit prune: whole channels leave a trained run's network."""

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
        prune,
        "prune",
        extra="train",
        examples=[
            "edgekit prune runs/ecg-rhythm/quick-1a2b3c4d --pth 0.2",
            "edgekit prune runs/ecg-rhythm/quick-1a2b3c4d --keep-parameters 0.3 --rounds 3 --epochs 5",
            "edgekit prune runs/ecg-rhythm/quick-1a2b3c4d --set criterion=gamma --set 'exclude=[stem*]'",
        ],
    )


def prune(
    run: options.Run,
    pth: Annotated[
        float | None, typer.Option("--pth", help="Channels that score below this threshold go.")
    ] = None,
    keep_parameters: Annotated[
        float | None, typer.Option("--keep-parameters", help="Share of the parameters to keep, instead.")
    ] = None,
    keep_macs: Annotated[
        float | None, typer.Option("--keep-macs", help="Share of the multiply-accumulates, instead.")
    ] = None,
    equalization: Annotated[
        str | None,
        typer.Option(
            "--equalization",
            help="How coupled layers agree: union, intersection, arithmetic_mean or geometric_mean.",
        ),
    ] = None,
    granularity: Annotated[
        int | None, typer.Option("--granularity", help="Layers keep a multiple of so many channels.")
    ] = None,
    rounds: Annotated[int | None, typer.Option("--rounds", help="Prune and train so often.")] = None,
    epochs: options.Epochs = None,
    learning_rate: options.LearningRate = None,
    settings: options.StepSettings = [],  # noqa: B006 (typer copies it)
    gpus: options.Gpus = None,
) -> Outcome:
    """Prune a trained run's network, train what is left, quantise and evaluate it: a run beside it.

    The pruned network is a smaller dense one. Same run and settings, same folder: what is done is kept.
    """
    from edgekit.pipeline.derive import apply
    from edgekit.training import devices

    devices.use(gpus)
    params = options.step_settings(
        settings,
        pth=pth,
        keep_parameters=keep_parameters,
        keep_macs=keep_macs,
        equalization=equalization,
        granularity=granularity,
        rounds=rounds,
        epochs=epochs,
        learning_rate=learning_rate,
    )
    return Outcome(apply(run, "prune", params))

"""edgekit distil: a network learns from the answers of a better one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 35


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        distil,
        "distil",
        extra="train",
        examples=[
            "edgekit distil ecg-rhythm --set model.params.width=0.5 --teacher runs/ecg-rhythm/full-5e6f7a8b",
            "edgekit distil runs/ecg-rhythm/quick-1a2b3c4d+prune-9f3e01 --temperature 4 --epochs 10",
        ],
    )


def distil(
    given: Annotated[
        str, typer.Argument(metavar="RECIPE|RUN", help="The student: a recipe, or a run.", show_default=False)
    ],
    teacher: Annotated[
        Path | None,
        typer.Option(
            "--teacher", metavar="RUN", help="The teacher's run; default: the student uncompressed."
        ),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", help="Above 1 the teacher's answers are softened.")
    ] = None,
    share: Annotated[
        float | None, typer.Option("--share", help="Of the teacher's part in the loss, from 0 to 1.")
    ] = None,
    epochs: options.Epochs = None,
    learning_rate: options.LearningRate = None,
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
    gpus: options.Gpus = None,
) -> Outcome:
    """Train a classifier towards the answers of another one, quantise and evaluate it: a run beside it.

    A recipe is trained on the labels first. Recipes whose task is to give what their teacher gives, such as
    speech-embedding, learn from it in `edgekit train`.
    """
    from edgekit.pipeline.distil import distil as distil_run
    from edgekit.training import devices

    devices.use(gpus)
    params = options.step_settings(
        [],
        teacher=str(teacher) if teacher else None,
        temperature=temperature,
        share=share,
        epochs=epochs,
        learning_rate=learning_rate,
    )
    return Outcome(distil_run(given, params, preset, settings, data_dir, runs))

"""edgekit train: data, training, quantisation and evaluation of a recipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 31


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        train,
        "train",
        extra="train",
        examples=[
            "edgekit train ecg-rhythm --preset quick",
            "edgekit train ecg-rhythm --set training.epochs=80 --set training.seed=7",
            "edgekit train ecg-rhythm --set data.dataset=lsad --data-dir ~/ecg-arrhythmia",
            "edgekit train ./my_recipe.py",
            "edgekit train aircraft-detect --start-from runs/aircraft-detect/full-1a2b3c4d --data-dir ~/mine",
        ],
    )


def train(
    recipe: options.Recipe,
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
    gpus: options.Gpus = None,
    start_from: Annotated[
        Path | None,
        typer.Option("--start-from", metavar="RUN", help="Begin with the weights of another run."),
    ] = None,
) -> Outcome:
    """Train a recipe, quantise it to INT8 and evaluate both.

    Same recipe and settings, same run folder: what is done is kept, and an interrupted run goes on where
    it was, to the same result.
    """
    from edgekit.pipeline.train import train as run_training
    from edgekit.training import devices

    devices.use(gpus)
    if start_from:
        settings = [*settings, f"training.start_from={json.dumps(str(start_from))}"]  # JSON is YAML
    return Outcome(run_training(recipe, preset, settings, data_dir, runs))

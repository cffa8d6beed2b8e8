"""edgekit train: data, training, quantisation and evaluation of a recipe."""

from __future__ import annotations

from pathlib import Path

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
        ],
    )


def train(
    recipe: options.Recipe,
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
    gpus: options.Gpus = None,
) -> Outcome:
    """Train a recipe, quantise it to INT8 and evaluate both.

    Same recipe and settings, same run folder: what is done is kept, and an interrupted run goes on where
    it was, to the same result.
    """
    from edgekit.pipeline.train import train as run_training
    from edgekit.training import devices

    devices.use(gpus)
    return Outcome(run_training(recipe, preset, settings, data_dir, runs))

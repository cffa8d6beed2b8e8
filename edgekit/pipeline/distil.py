"""A student from a recipe or a run, and its distillation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edgekit.errors import InputError
from edgekit.pipeline import derive
from edgekit.pipeline.train import resolve, train
from edgekit.training.steps import base as steps


def distil(
    given: str,
    params: Mapping[str, Any],
    preset: str,
    settings: Sequence[str],
    data_dir: Path | None,
    runs: Path,
) -> dict[str, Any]:
    """Trains a student on the labels, where it is none yet, then towards its teacher.

    Args:
        given: A recipe's key or file, or a run folder.
        params: Of the step `distil`.
        preset: Of a recipe.
        settings: Overrides of a recipe, each "a.b=value".
        data_dir: Folder of the data set's files.
        runs: Folder that holds all runs, for a recipe.

    Raises:
        InputError: Settings for a run, wrong parameters; or as `train` and `derive`.
    """
    if Path(given).is_dir():
        if preset or settings:
            raise InputError(where=given, what="is a run, whose settings are fixed", hint="give the recipe")
        return derive.apply(Path(given), "distil", dict(params))
    recipe = resolve(given, preset, settings)
    steps.plan([{"step": "distil", **params}], recipe, where="step")  # before minutes of training
    return derive.apply(Path(train(given, preset, settings, data_dir, runs)["run"]), "distil", dict(params))

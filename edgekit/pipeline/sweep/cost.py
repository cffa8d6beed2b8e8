"""What a candidate costs on its board: compiled, built, and run on the emulator.

Instructions and memory follow from shapes and hardly from numbers, so the untrained network tells whether
training it is worth anything. The figure that counts in the end is that of the trained one.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit import console, files
from edgekit.device import boards
from edgekit.device.boards import Board
from edgekit.pipeline import cost as costs
from edgekit.pipeline import data
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import Recipe
from edgekit.report.base import from_json, load_json
from edgekit.report.sweep import Budget, Cost
from edgekit.training.steps import base as steps
from edgekit.training.steps.base import Context
from edgekit.training.tasks import base as tasks
from edgekit.training.tasks.base import Predict, Score, Splits, Task

if TYPE_CHECKING:
    import keras

    from edgekit.training.examples import Examples
    from edgekit.training.fit import Fitted
    from edgekit.training.objective import Objective


def untrained(run: RunFolder, recipe: Recipe, target: str, cache: Path) -> Cost:
    """Returns what a recipe's network costs on a board, from the cache where an equal one was counted.

    Args:
        run: Its data are prepared; nothing is trained.
        recipe: With the plan of compression that the run does not have yet.
        target: An emulated board by key or path.
        cache: Folder of figures that are known already.

    Raises:
        CheckFailed: It does not fit the board's memories.
        EnvironmentFailed: A tool is missing, or failed.
    """
    path = cache / f"{key(recipe, boards.load(target))}.json"
    if path.is_file():
        return from_json(Cost, load_json(path), str(path))
    from edgekit.training.untrained import int8_on_noise

    begin = time.monotonic()
    model = untrained_network(run, recipe)
    with tempfile.TemporaryDirectory(prefix="edgekit-sweep-") as folder:
        # as a model of a run it is exported with the preprocessing in front; `run` may have another's vectors
        bare = RunFolder.create_at(Path(folder) / "run", recipe)
        if run.preproc.is_file():
            files.link(run.preproc, bare.preproc)
        network = ModelFile(bare.tflite, int8_on_noise(model, recipe.quantize), bare)
        counted = costs.measure(network, target, Path(folder) / "export")
    cost = _cost(counted, model.count_params(), begin)
    files.write_json(path, cost.to_json())
    return cost


def trained(run: RunFolder, target: str) -> Cost:
    """Returns what a run's finished network costs; its numbers may have chosen other kernels."""
    begin = time.monotonic()
    known = load_json(run.provenance)
    return _cost(costs.of_run(run, target), known["parameters"], begin)


def key(recipe: Recipe, board: Board) -> str:
    """Returns a hash of all of a recipe that decides what its network costs on a board."""
    apart = {"title", "description", "notice", "presets", "data", "training", "evaluation", "budget"}
    parts = {"recipe": recipe.model_dump(mode="json", exclude=apart), "board": board.model_dump(mode="json")}
    return files.sha256(json.dumps(parts, sort_keys=True).encode())[:16]


def over(cost: Cost, budget: Budget) -> str:
    """Returns in words which limits a cost breaks; "" where it keeps them all."""
    said = [
        f"{label} {getattr(cost, name):,} of at most {limit:,}"
        for name, label in (("instructions", "instructions"), ("ram_bytes", "RAM"), ("flash_bytes", "flash"))
        if (limit := getattr(budget, name)) and getattr(cost, name) > limit
    ]
    return ", ".join(said)


def _cost(counted: costs.Cost, parameters: int, begin: float) -> Cost:
    return Cost(
        instructions=counted.instructions or 0,
        ram_bytes=counted.ram_bytes or 0,
        flash_bytes=counted.flash_bytes or 0,
        arena_bytes=counted.arena_bytes,
        code_bytes=counted.code_bytes or 0,
        weights_bytes=counted.weights_bytes,
        macs=counted.macs,
        parameters=parameters,
        seconds=round(time.monotonic() - begin, 2),
    )


def untrained_network(run: RunFolder, recipe: Recipe) -> keras.Model:
    """Returns a recipe's network with random weights, every step of its plan applied without training.

    Args:
        run: Its data are prepared.
        recipe: With the plan.
    """
    from edgekit.training.untrained import settle

    task, splits = tasks.of(recipe), data.examples(run)
    model = task.build(recipe, splits("calibration").x.shape[1:])
    if not recipe.compress:
        return model
    settle(model)
    with tempfile.TemporaryDirectory(prefix="edgekit-sweep-") as folder, console.hushed():
        seed = recipe.training.seed
        context = Context(recipe, _Unscored(task), splits, _untouched, seed, Path(folder))
        for planned in steps.plan(recipe.compress, recipe):
            model = planned.step.apply(model, planned.params, context).model
    return model


class _Unscored(Task):
    """A task whose networks are worth nothing yet: scoring them would take longer than counting."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.metric, self.higher_is_better = task.metric, task.higher_is_better  # type: ignore[misc]

    def objective(self, recipe: Recipe, train: Examples) -> Objective:
        """See `Task.objective`."""
        return self._task.objective(recipe, train)

    def score(self, recipe: Recipe, predict: Predict, examples: Splits) -> Score:
        """Returns 0 of 0 examples."""
        return Score(0.0, 0)


def _untouched(model: keras.Model, epochs: int, learning_rate: float, **settings: Any) -> Fitted:
    """Takes the place of training where only the structure is asked for."""
    from edgekit.training.fit import Fitted

    return Fitted(model, [], 0, "", False, 0)

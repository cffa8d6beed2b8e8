"""Stage 2: from a recipe to a trained, quantised and evaluated run."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit import console, files
from edgekit.pipeline import compress, data, evaluate
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes import base as recipes
from edgekit.recipes.base import Recipe
from edgekit.report import text
from edgekit.training.steps import base as steps
from edgekit.training.tasks import base as tasks

if TYPE_CHECKING:
    from edgekit.training.weights import Taken


def train(
    recipe: str, preset: str, settings: Sequence[str], data_dir: Path | None, runs: Path
) -> dict[str, Any]:
    """Prepares data, fits, quantises and evaluates; what is done already is kept.

    Args:
        recipe: Registry key, or path of a recipe's file.
        preset: Name of a set of overrides, or "".
        settings: The user's own overrides, each "a.b=value".
        data_dir: Folder of the data set's files, for data sets that are read from disk.
        runs: Folder that holds all runs.

    Returns:
        Where the run lies, and its accuracies.
    """
    run = open_run(recipe, preset, settings, runs)
    data.prepare(run, data_dir)
    fit(run)
    compress.quantize(run)
    result = evaluate.evaluate(run)
    console.say(f"run folder: {run.path}", "bold")
    return {"run": str(run.path), **result}


def open_run(recipe: str, preset: str, settings: Sequence[str], runs: Path) -> RunFolder:
    """Returns the run folder of a recipe with its overrides.

    Its config.yaml lists the compression steps done so far, that is none; the plan stands in provenance.json,
    so that another plan begins with the same trained network. Where the run whose weights it starts from is
    another than before, the folder is emptied.

    Raises:
        InputError: As `resolve`; or training is to start from a run that is none, or not trained.
    """
    resolved = resolve(recipe, preset, settings)
    start = _start(resolved)
    bare = resolved.model_copy(update={"compress": []})
    run = RunFolder.create(bare, runs, preset)
    if start:
        model = files.sha256(start.keras_model)
        if run.noted().get("start_sha256", model) != model:
            console.say(f"{start.path.name} is another model than before: training starts anew")
            shutil.rmtree(run.path)
            run = RunFolder.create_at(run.path, bare)
        run.note(start_sha256=model)
    run.note(plan=resolved.compress)
    return run


def resolve(recipe: str, preset: str = "", settings: Sequence[str] = ()) -> Recipe:
    """Returns a recipe with its overrides, its task and its plan of compression checked too.

    Args:
        recipe: Registry key, or path of a recipe's file.
        preset: Name of a set of overrides, or "".
        settings: The user's own overrides, each "a.b=value".

    Raises:
        InputError: Unknown names or keys, or wrong values; all faults of one section at once.
    """
    resolved = recipes.resolve(recipes.REGISTRY.get(recipe), preset, settings)
    tasks.of(resolved)
    steps.plan(resolved.compress, resolved)
    return resolved


def fit(run: RunFolder) -> None:
    """Trains the float model, unless that is done; an interrupted training goes on."""
    if run.keras_model.is_file():
        return
    from edgekit.training import devices, plots, runtime, weights
    from edgekit.training.fit import fit as fit_model

    recipe = run.recipe
    task = tasks.of(recipe)
    splits = data.examples(run)
    train = splits("train")
    start = _start(recipe)
    runtime.start(recipe.training.seed)
    with run.stage("train"), devices.scope():
        model = task.build(recipe, train.x.shape[1:])
        if start:
            _note_start(run, start, weights.take(model, start.keras_model))
        console.say(f"Training: {recipe.model.name}, {model.count_params():,} parameters")
        objective = task.objective(recipe, train)
        finish = partial(task.finish, recipe=recipe, examples=splits)
        judged = splits("validation")
        fitted = fit_model(model, objective, recipe.training, train, judged, run.path, finish=finish)
    run.note(best_epoch=fitted.best_epoch, watched=fitted.watched, parameters=model.count_params())
    plots.history(fitted.history, run.plots)


def _note_start(run: RunFolder, start: RunFolder, taken: Taken) -> None:
    """Says and notes which weights are those of the run that training starts from."""
    facts = {"begun_anew": list(taken.fresh), "left_out": list(taken.unused)}
    run.note(start={"run": start.path.name, "layers_taken": len(taken.layers), **facts})
    parts = [f"{len(taken.layers)} layers of {start.path.name}"]
    parts += [f"{text.listing(taken.fresh)} anew, of another shape there or absent"] if taken.fresh else []
    parts += [f"{text.listing(taken.unused)} left out"] if taken.unused else []
    console.say(f"Weights: {'; '.join(parts)}")


def _start(recipe: Recipe) -> RunFolder | None:
    """Returns the run whose weights training begins with, None where they are drawn by lot."""
    given = recipe.training.start_from
    if not given:
        return None
    run = RunFolder.open(Path(given))
    run.need(run.keras_model, f"train {run.recipe.name}")
    return run

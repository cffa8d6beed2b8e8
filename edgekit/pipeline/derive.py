"""Derived runs: a compression step, or another quantisation, gives a new, ordinary run beside the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from edgekit import console, files
from edgekit.errors import CheckFailed, InputError
from edgekit.pipeline import compress, data, evaluate
from edgekit.pipeline.naming import settled
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import Recipe, parse
from edgekit.report.ladder import StepRecord
from edgekit.training.steps import base as steps
from edgekit.training.steps.base import Context, Planned
from edgekit.training.tasks import base as tasks

if TYPE_CHECKING:
    from edgekit.training.fit import Fitted

_SHARED = ("frames", "data", "preproc")


def derive(parent: RunFolder, planned: Planned) -> RunFolder:
    """Returns the run that a step makes of another; what is done already is kept, a killed step goes on.

    The new folder lies beside the parent's and holds model.keras and compress.json; its config.yaml lists
    the steps done so far.

    Args:
        parent: A trained run.
        planned: The step.

    Raises:
        InputError: The parent is not trained or is damaged, or the step cannot take its model.
        CheckFailed: The step's model does not compute finite numbers.
        EnvironmentFailed: The disk refused; what was there is untouched.
    """
    parent.need(parent.keras_model, f"train {parent.recipe.name}")
    parent.need(parent.frames, f"train {parent.recipe.name}")
    done = [*parent.recipe.compress, planned.entry]
    derived = parent.recipe.model_copy(update={"compress": done})
    run = _open(parent, derived, Path(planned.key).stem, planned.entry)
    if run.keras_model.is_file():
        return run
    from edgekit.training import devices, runtime
    from edgekit.training import evaluate as scoring
    from edgekit.training.tuning import Tuner

    recipe = run.recipe
    task = tasks.of(recipe)
    splits = data.examples(run)
    seed = recipe.training.seed
    runtime.start(seed)
    with run.stage(planned.key), devices.scope():
        console.say(f"{planned.key}: {planned.step.summary}", "bold")
        model = _fresh(parent.keras_model)
        before = {"parameters": model.count_params()}
        if planned.step.quantization_aware:  # from here on the float model computes what INT8 does
            score = task.score(recipe, lambda x: scoring.predict_float(model, x), splits)
            run.note(float_reference=score.value)
        tuner = Tuner(recipe, task, splits, run.path, seed)
        context = Context(recipe, task, splits, tuner, seed, run.path, _origin(run).keras_model)
        applied = planned.step.apply(model, planned.params, context)
        task.finish(applied.model, recipe, splits)
        after = {"parameters": applied.model.count_params()}
        _check_finite(applied.model, splits("validation").x[:8], planned.key)
        _keep_history(run, tuner.fits)
        record = StepRecord(
            parent=parent.path.name,
            step=planned.key,
            params=planned.params.model_dump(mode="json"),
            report=_joined(applied.report, before, after),
        )
        files.write_json(run.step, record.to_json())
        with files.replacing(run.keras_model) as temporary:
            applied.model.save(temporary, include_optimizer=False)
    run.note(parameters=record.report["after"]["parameters"])
    return run


def chain(run: RunFolder, plan: Sequence[Planned]) -> Iterator[RunFolder]:
    """Yields the run that each step of a plan makes, in order, one after the other.

    Args:
        run: Where the plan begins; trained.
        plan: The steps.
    """
    for planned in plan:
        run = derive(run, planned)
        yield run


def apply(given: Path, key: str, params: dict[str, Any]) -> dict[str, Any]:
    """Applies one step to a run, quantises and evaluates what it gives.

    Args:
        given: The run folder.
        key: Registry key of the step.
        params: Its parameters; those left out take their defaults.

    Returns:
        The new run, parameters before and after, and the metrics.
    """
    parent = RunFolder.open(given)
    (planned,) = steps.plan([{"step": key, **params}], parent.recipe, where="step")
    run = derive(parent, planned)
    compress.quantize(run)
    result = evaluate.evaluate(run)
    report = json.loads(run.step.read_text(encoding="utf-8"))["report"]
    for name, value in report["after"].items():
        console.say(f"{name}: {report['before'].get(name, '-')} -> {value}")
    console.say(f"run folder: {run.path}", "bold")
    return {"run": str(run.path), "step": planned.entry, "report": report, **result}


def requantize(given: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Quantises a run's float model in another way, as a run of its own; the given one stays as it is.

    Args:
        given: The run folder.
        settings: Keys of the recipe's quantize section, as `activations` or `int16_layers`.

    Returns:
        The new run, and the metrics.

    Raises:
        InputError: The run is not trained, or is quantised so already; wrong settings, or a model that
            cannot be quantised so.
        CheckFailed: The quantised model is further from float than the recipe allows.
    """
    parent = RunFolder.open(given)
    parent.need(parent.keras_model, f"train {parent.recipe.name}")
    tree = parent.recipe.model_dump()
    tree["quantize"] |= settings
    recipe = parse(tree, where="quantize")
    if recipe.quantize == parent.recipe.quantize:
        raise InputError(
            where=str(given), what=f"is quantised so already: {recipe.quantize.label}",
            hint=f"edgekit quantize {given}",
        )  # fmt: skip
    run = _open(parent, recipe, recipe.quantize.label, settings)
    files.link(parent.keras_model, run.keras_model)
    note = StepRecord(parent=parent.path.name, step="quantize", params=dict(settings))
    files.write_json(run.step, note.to_json())
    run.note(parameters=parent.noted().get("parameters"))
    compress.quantize(run, again=True)
    result = evaluate.evaluate(run)
    console.say(f"run folder: {run.path}", "bold")
    return {"run": str(run.path), **result}


def _open(parent: RunFolder, recipe: Recipe, name: str, settings: Mapping[str, Any]) -> RunFolder:
    """Returns the derived run's folder, with the parent's frames in it; an outdated one is emptied.

    Args:
        parent: The run.
        recipe: Of the derived one.
        name: What makes it, for people.
        settings: Of that; with `name` they name the folder.
    """
    digest = files.sha256(json.dumps(settings, sort_keys=True).encode())[:6]
    path = parent.path.with_name(f"{parent.path.name}+{name}-{digest}")
    path = settled(path, _meaning(recipe), lambda folder: _meaning(RunFolder(folder).recipe))
    model = files.sha256(parent.keras_model)
    run = RunFolder(path)
    if run.config.is_file() and run.noted().get("parent_sha256") != model:
        console.say(f"{parent.path.name} is another model than before: {name} starts anew")
        shutil.rmtree(path)
    run = RunFolder.create_at(path, recipe)
    for name in _SHARED:
        if getattr(parent, name).is_file():  # pictures have no chain
            files.link(getattr(parent, name), getattr(run, name))
    parents = parent.noted()
    inherited = {key: parents[key] for key in ("data_sha256", "float_reference") if key in parents}
    run.note(parent=parent.path.name, parent_sha256=model, **inherited)
    return run


def _meaning(recipe: Recipe) -> str:
    """Returns the same text for recipes that mean the same, parameters of steps that are left out or not."""
    done = [planned.entry for planned in steps.plan(recipe.compress, recipe)]
    return recipe.model_copy(update={"compress": done}).model_dump_json(exclude={"presets"})


def _origin(run: RunFolder) -> RunFolder:
    """Returns the run at the beginning of the chain; each parent lies beside its child."""
    while parent := run.noted().get("parent"):
        run = RunFolder.open(run.path.with_name(Path(str(parent)).name))
    return run


def _fresh(path: Path) -> Any:
    """Loads a model into a new session, so that the names of new layers do not depend on what ran before."""
    import keras

    from edgekit.training.runtime import load_model

    keras.utils.clear_session()
    return load_model(path)


def _check_finite(model: Any, x: Any, key: str) -> None:
    from edgekit.training.evaluate import predict_float

    bad = [name for name, values in predict_float(model, x).items() if not np.isfinite(values).all()]
    if bad:
        raise CheckFailed(
            where=key, what="the compressed model computes NaN or infinity", found=", ".join(bad),
            hint="a lower learning rate, or a gentler step",
        )  # fmt: skip


def _keep_history(run: RunFolder, fits: Sequence[Fitted]) -> None:
    """Copies the last fit's history to where the report looks for it, and notes which epoch was kept."""
    if not fits:
        return
    run.note(best_epoch=fits[-1].best_epoch, watched=fits[-1].watched)
    source = run.path / f"fit-{len(fits)}" / "history.csv"
    if source.is_file():
        files.write_bytes(run.path / "history.csv", source.read_bytes())


def _joined(report: Any, before: dict[str, int], after: dict[str, int]) -> dict[str, Any]:
    """Returns a step's report with the parameters before and after, where the step does not say them."""
    made = dict(report)
    made["before"] = {**before, **dict(report.get("before", {}))}
    made["after"] = {**after, **dict(report.get("after", {}))}
    try:
        json.dumps(made, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(where="the step's report", what=f"is not JSON: {error}") from error
    return made

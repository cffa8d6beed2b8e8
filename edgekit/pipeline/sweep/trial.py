"""One trial, in a process of its own: cost first, then training, then the metric."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgekit.errors import CheckFailed, EdgekitError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from edgekit.pipeline.run_folder import RunFolder
    from edgekit.pipeline.sweep.folder import SweepFolder
    from edgekit.training.examples import Examples
    from edgekit.training.objective import Outputs

THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Runs one trial to its end; what an earlier, killed process has finished of it is kept.

    Args:
        job: "folder" of the sweep, "number", "settings", "data", a run whose data are those of the trial, and
            "gpus": 0 = none, else those that Ray shows.

    Returns:
        The fields of `report.sweep.Trial` that the trial decides. A fault is a result, not an exception.
    """
    from edgekit.pipeline.run_folder import RunFolder
    from edgekit.pipeline.sweep.folder import SweepFolder
    from edgekit.training import devices

    begin = time.monotonic()
    folder = SweepFolder(Path(job["folder"]))
    _start(folder.log(job["number"]))
    try:
        devices.use(None if job["gpus"] else 0)
        found = _result(folder, job["settings"], RunFolder(Path(job["data"])))
    except EdgekitError as error:
        print(error, file=sys.stderr)
        found = {"status": "failed", "reason": _words(error)}
    except Exception as error:
        import traceback

        traceback.print_exc()
        found = {"status": "failed", "reason": f"{type(error).__name__}: {str(error).splitlines()[:1]}"}
    sys.stdout.flush()
    sys.stderr.flush()
    return {**found, "seconds": round(time.monotonic() - begin, 2)}


def _start(log: Path) -> None:
    """Sends what the process prints to the trial's log, and keeps TensorFlow to one core."""
    for name in THREADS:
        os.environ[name] = "1"
    os.environ["COLUMNS"] = "120"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    print(f"process {os.getpid()}")


def _result(folder: SweepFolder, settings: list[str], shared: RunFolder) -> dict[str, Any]:
    from edgekit.pipeline import compress, derive, train
    from edgekit.pipeline.run_folder import RunFolder
    from edgekit.pipeline.sweep import cost
    from edgekit.pipeline.sweep.folder import share
    from edgekit.pipeline.sweep.results import budget
    from edgekit.recipes.base import resolve
    from edgekit.training.steps import base as steps

    plan = folder.plan
    recipe = resolve(plan.recipe, settings=settings)
    run = RunFolder.create(recipe.model_copy(update={"compress": []}), folder.runs, plan.preset)
    run.note(plan=recipe.compress)
    share(shared, run)
    try:
        known = cost.untrained(run, recipe, plan.target, folder.costs)
    except CheckFailed as error:
        return {"status": "skipped", "reason": _words(error)}
    found: dict[str, Any] = {"cost": known.to_json(), "expected": known.to_json()}
    if reason := cost.over(known, budget(plan)):
        return {**found, "status": "skipped", "reason": reason}
    train.fit(run)
    before, aware = run, False
    for planned in steps.plan(recipe.compress, recipe):
        run = derive.derive(run, planned)
        aware = aware or planned.step.quantization_aware
        before = before if aware else run
    compress.quantize(run, enforce=False)  # a figure that is too low is a result
    found["cost"] = cost.trained(run, plan.target).to_json()
    found["run"] = str(run.path.relative_to(folder.path))
    return {**found, "status": "done", **_values(run, before)}


def _values(run: RunFolder, before: RunFolder) -> dict[str, Any]:
    """Returns the metric on the validation subjects, float and quantised, and the latter's on the test ones.

    Args:
        run: Quantised.
        before: Whose float model knows nothing of quantisation yet.
    """
    from edgekit.pipeline import data
    from edgekit.training import evaluate
    from edgekit.training.runtime import load_model
    from edgekit.training.tasks import base as tasks

    recipe, tflite, splits = run.recipe, run.tflite.read_bytes(), data.examples(run)
    task = tasks.of(recipe)
    model = load_model(before.keras_model)

    def judging(split: str) -> Examples:
        return splits("validation" if split == "test" else split)

    def quantised(x: NDArray[np.float32]) -> Outputs:
        return evaluate.predict_int8(tflite, x).values

    return {
        "value": task.score(recipe, quantised, judging).value,
        "value_float": task.score(recipe, partial(evaluate.predict_float, model), judging).value,
        "test_value": None if task.split else task.score(recipe, quantised, splits).value,
    }


def _words(error: EdgekitError) -> str:
    first = error.problems[0]
    parts = [f"{first.where}: {first.what}", first.expected and f"expected {first.expected}"]
    return ", ".join(part for part in parts if part)

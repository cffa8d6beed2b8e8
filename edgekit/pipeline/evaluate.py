"""Stage 3b: float beside INT8 on the test subjects, a baseline, and real recordings as counts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.errors import EdgekitError, Problem
from edgekit.pipeline import data
from edgekit.pipeline.model_file import read_chain
from edgekit.pipeline.run_folder import RunFolder
from edgekit.preproc.chain import Chain
from edgekit.recipes.base import Recipe
from edgekit.report import text
from edgekit.report.folder import TaskMetrics
from edgekit.training.tasks import base as tasks


def evaluate(run: RunFolder, real: Sequence[str] = (), data_dir: Path | None = None) -> dict[str, Any]:
    """Writes metrics.json and the plots, and prints the table.

    Args:
        run: A quantised run.
        real: Data sets of real recordings to count, beside those that the recipe names.
        data_dir: Folder of their files.

    Returns:
        The task's metric of float and INT8; of a classifier accuracy and macro F1, of the baseline too.
    """
    from edgekit.training import baseline
    from edgekit.training import evaluate as scoring
    from edgekit.training.runtime import load_model

    recipe = run.recipe
    run.need(run.tflite, f"quantize {run.path}")
    task = tasks.of(recipe)
    splits = data.examples(run)
    tflite = run.tflite.read_bytes()
    with run.stage("evaluate"), console.status("Evaluating"):
        model = load_model(run.keras_model)
        found = {
            "float": task.score(recipe, partial(scoring.predict_float, model), splits),
            "int8": task.score(recipe, lambda x: scoring.predict_int8(tflite, x).values, splits),
        }
        results = {name: score.classes for name, score in found.items() if score.classes}
        label = "" if recipe.quantize.label == "int8" else recipe.quantize.label
        if "int8" in results:
            results["int8"] = results["int8"].model_copy(update={"name": label})
        if recipe.evaluation.baseline:
            train, test = splits("train"), splits("test")
            rate_hz = read_chain(run.preproc).frame_rate_hz
            results["baseline"] = scoring.scores(
                test.y,
                baseline.predict(recipe.evaluation.baseline, train.x, train.y, test.x, rate_hz),
                recipe.classes,
                recipe.evaluation.confidence_threshold,
                recipe.evaluation.baseline,
            )
        counted = [_count(name, recipe, tflite, data_dir) for name in [*recipe.evaluation.real, *real]]
    task.draw(recipe, {"float": found["float"], label or "INT8": found["int8"]}, run.plots)
    measured = TaskMetrics(
        name=recipe.task,
        metric=task.metric,
        higher_is_better=task.higher_is_better,
        float_=found["float"].record,
        int8=found["int8"].record,
    )
    seconds = json.loads(run.provenance.read_text(encoding="utf-8")).get("seconds", {})
    files.write_json(
        run.metrics,
        {
            "schema": "edgekit.metrics/1",
            "classes": recipe.classes,
            "task": measured.to_json(),
            **{name: scores.to_json() for name, scores in results.items()},
            "real": [count for count in counted if count],
            "seconds": seconds,
        },
    )
    if results:
        _show(run, recipe)
    else:
        _show_task(measured, recipe)
    return {
        **{name: {task.metric: score.value} for name, score in found.items()},
        **{name: {"accuracy": s.accuracy, "macro_f1": s.macro_f1} for name, s in results.items()},
    }


def _count(name: str, recipe: Recipe, tflite: bytes, data_dir: Path | None) -> dict[str, Any] | None:
    """Returns what the INT8 model says about real recordings, by true class; None if there are none."""
    from edgekit.training import evaluate as scoring

    dataset = datasets.signals(name)
    skipped: list[Problem] = []
    counts: dict[str, dict[str, int]] = {}
    try:
        for record in dataset.records(dataset.parse({}), data_dir, recipe.classes, skipped):
            chain = Chain.design(recipe.preproc.steps, record.rate_hz, recipe.preproc.input)
            frames, _ = chain.frames(record.signal)
            if len(frames):
                predicted = tasks.only(scoring.predict_int8(tflite, frames).values, "logits").argmax(axis=1)
                row = counts.setdefault(record.label, dict.fromkeys(recipe.classes, 0))
                for index in np.unique(predicted):
                    row[recipe.classes[index]] += int((predicted == index).sum())
    except EdgekitError as error:
        console.warn(f"{name}: no real recordings: {error.problems[0].what}")
        return None
    if skipped:
        console.warn(f"{name}: {len(skipped)} records skipped; the first: {skipped[0].where}")
    return {"dataset": name, "counts": counts} if counts else None


def _show(run: RunFolder, recipe: Recipe) -> None:
    metrics = json.loads(run.metrics.read_text(encoding="utf-8"))
    table = console.table(
        _title(recipe), ["", "frames", "accuracy", "macro F1", *recipe.classes, "undecided"]
    )
    for name in ("float", "int8", "baseline"):
        scores = metrics.get(name)
        if scores:
            f1 = [_share(scores["per_class"][label]["f1"]) for label in recipe.classes]
            dropped = f"{scores['threshold']['dropped']}"
            label = scores["name"] or name
            table.add_row(
                label, str(scores["n"]), _share(scores["accuracy"]), _share(scores["macro_f1"]), *f1, dropped
            )
    console.stdout().print(table)
    for item in metrics["real"]:
        for true, row in item["counts"].items():
            said = ", ".join(f"{label} {count}" for label, count in row.items() if count)
            console.say(f"real recordings, {item['dataset']}: {true}: {said}")
    if recipe.notice:
        console.say(recipe.notice, "bold")


def _show_task(found: TaskMetrics, recipe: Recipe) -> None:
    table = console.table(_title(recipe), ["", "n", found.metric])
    detail = console.table("In parts", ["", *(found.float_.rows[0] if found.float_.rows else [])])
    for name, score in (("float", found.float_), ("int8", found.int8)):
        table.add_row(name, f"{score.n:,}", f"{score.value:.4f}")
        for row in score.rows:
            detail.add_row(name, *map(text.cell, row.values()))
    console.stdout().print(table)
    if detail.rows:
        console.stdout().print(detail)
    if recipe.notice:
        console.say(recipe.notice, "bold")


def _title(recipe: Recipe) -> str:
    synthetic = datasets.REGISTRY.get(recipe.data.dataset).synthetic
    return f"{recipe.title}: test subjects" + (" (synthetic data)" if synthetic else "")


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"

"""Runs beside each other on the test subjects of several data sets: what a change of domain costs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.errors import InputError, Problem
from edgekit.pipeline import data, domain_pictures
from edgekit.pipeline.run_folder import RunFolder, command_line
from edgekit.report import domains as records
from edgekit.report import domains_page
from edgekit.report.domains import DomainRun, DomainScore, DomainsRecord, Judged
from edgekit.training.examples import Examples
from edgekit.training.tasks import base as tasks
from edgekit.training.tasks.detection import Detection

Named = dict[str, RunFolder]


def compare(given: Sequence[str], on: Sequence[str], folder: Path) -> dict[str, Any]:
    """Scores every run, float and quantised, on every test set; writes table, picture and page.

    Args:
        given: Run folders, each "RUN" or "NAME=RUN".
        on: Runs whose test subjects are the test sets, likewise; none = those of `given` that differ.
        folder: Where domains.json, .md, .svg and .html go, and of detectors some pictures with boxes.

    Returns:
        The record, and where it lies.

    Raises:
        InputError: A run is missing or not quantised, runs do not suit each other, or a test subject is one
            that a run, or one that it started from, has trained on; all at once.
    """
    runs = _opened(given)
    tests = _opened(on) if on else _distinct(runs)
    _check(runs, tests)
    task = tasks.of(next(iter(runs.values())).recipe)
    splits = {name: data.examples(run) for name, run in tests.items()}
    _check_unseen(runs, splits)
    record = DomainsRecord(
        metric=task.metric,
        higher_is_better=task.higher_is_better,
        notice=next(iter(runs.values())).recipe.notice,
        tests=[_test_set(name, run, splits[name]) for name, run in tests.items()],
        runs=[_scored(name, run, splits) for name, run in console.track(runs.items(), "Scoring", len(runs))],
        command=command_line(),
    )
    from edgekit.training import plots

    made = {"json": folder / "domains.json", "markdown": folder / "domains.md"}
    files.write_json(made["json"], record.to_json())
    files.write_text(made["markdown"], records.markdown(record))
    made["picture"] = plots.domains(record, folder)
    sheets = domain_pictures.write(folder, runs, tests) if isinstance(task, Detection) else {}
    pictures = {name: path.read_bytes() for name, path in sheets.items()}
    made["page"] = folder / "domains.html"
    files.write_text(made["page"], domains_page.render(record, made["picture"].read_bytes(), pictures))
    table = console.table(records.caption(record), records.columns(record))
    for row in records.rows(record):
        table.add_row(*row)
    console.stdout().print(table)
    return {**{name: str(path) for name, path in made.items()}, "domains": record.to_json()}


def _opened(given: Sequence[str]) -> Named:
    made: Named = {}
    problems: list[Problem] = []
    for text in given:
        name, separator, path = text.partition("=")
        if not separator or Path(text).exists():
            name, path = "", text
        try:
            run = RunFolder.open(Path(path))
            run.need(run.tflite, f"quantize {run.path}")
            run.need(run.frames, f"train {run.recipe.name}")
        except InputError as error:
            problems += error.problems
            continue
        name = name or run.path.name
        if name in made:
            problems.append(Problem(text, f"the name '{name}' is given twice", hint="NAME=RUN"))
        made[name] = run
    if problems:
        raise InputError(problems)
    return made


def _distinct(runs: Named) -> Named:
    """Returns the first run of each test set."""
    seen: dict[str, str] = {}
    for name, run in runs.items():
        seen.setdefault(run.noted().get("data_sha256", {}).get("test", name), name)
    return {name: runs[name] for name in seen.values()}


def _check(runs: Named, tests: Named) -> None:
    """Refuses runs of another task, other classes or another input than the first."""
    first, *others = {**runs, **tests}.values()
    problems = [
        Problem(
            f"{run.path.name}: {key}", f"is another than that of {first.path.name}",
            str(getattr(first.recipe, key))[:120], str(getattr(run.recipe, key))[:120],
        )
        for run in others
        for key in ("task", "classes", "camera", "preproc")
        if getattr(run.recipe, key) != getattr(first.recipe, key)
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _check_unseen(runs: Named, tests: dict[str, Callable[[str], Examples]]) -> None:
    """Refuses a test example that a run, or one that it started from, had in another split."""
    wanted = {name: set(_prints(splits("test").x)) for name, splits in tests.items()}
    problems = []
    for name, run in runs.items():
        seen = {
            one
            for ancestor in _ancestry(run)
            for split in ("train", "validation", "calibration")
            for one in _prints(data.load(ancestor, split).x)
        }
        problems += [
            Problem(
                name, f"has trained on, or was chosen or calibrated by, examples of the test set '{test}'",
                "none", f"{len(seen & known):,} of {len(known):,}",
                "the same splits of the same data (data.seed, data.splits), or other data",
            )
            for test, known in wanted.items()
            if seen & known
        ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _ancestry(run: RunFolder) -> Iterator[RunFolder]:
    """Yields a run, the one that it started from, the one that this started from, and so on."""
    yield run
    while start := run.recipe.training.start_from:
        run = RunFolder.open(Path(start))
        yield run


def _prints(x: np.ndarray[Any, Any]) -> Iterator[bytes]:
    for example in x:
        yield hashlib.sha256(np.ascontiguousarray(example).data).digest()


def _test_set(name: str, run: RunFolder, splits: Callable[[str], Examples]) -> Judged:
    return Judged(name=name, run=run.path.name, **_data(run), examples=len(splits("test").x))


def _data(run: RunFolder) -> dict[str, Any]:
    """Returns what a record says of a run's data set."""
    config = run.recipe.data
    synthetic = datasets.REGISTRY.get(config.dataset).synthetic
    return {"dataset": config.dataset, "options": dict(_flat(config.options)), "synthetic": synthetic}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, str(value)


def _scored(name: str, run: RunFolder, tests: dict[str, Callable[[str], Examples]]) -> DomainRun:
    from edgekit.training import evaluate
    from edgekit.training.runtime import load_model

    recipe = run.recipe
    task = tasks.of(recipe)
    predict = partial(evaluate.predict_float, load_model(run.keras_model))
    tflite = run.tflite.read_bytes()
    scores = []
    for test, splits in tests.items():
        exact = task.score(recipe, predict, splits)
        quantized = task.score(recipe, lambda x: evaluate.predict_int8(tflite, x).values, splits)
        scores.append(
            DomainScore(
                test=test,
                value_float=exact.value,
                value_quantized=quantized.value,
                counts_float=exact.counts,
                counts_quantized=quantized.counts,
            )
        )
    own = data.examples(run)
    return DomainRun(
        name=name,
        run=run.path.name,
        **_data(run),
        start_from=recipe.training.start_from,
        train=len(own("train").x),
        validation=len(own("validation").x),
        scores=scores,
    )

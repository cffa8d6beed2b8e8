"""A plan of compression, rung by rung: each prefix is a run, measured on test subjects and on the target."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.device import boards
from edgekit.errors import CheckFailed, EdgekitError, InputError, Problem
from edgekit.pipeline import budget, compress, cost, data, derive, evaluate
from edgekit.pipeline import train as training
from edgekit.pipeline.run_folder import RunFolder
from edgekit.recipes.base import Recipe
from edgekit.report import ladder as records
from edgekit.report.ladder import LadderRecord, Rung
from edgekit.training.steps import base as steps
from edgekit.training.steps.base import Planned
from edgekit.training.tasks import base as tasks

_MAX_PLAN_BYTES = 1 << 20


def climb(
    given: str,
    target: str,
    *,
    preset: str = "",
    settings: Sequence[str] = (),
    plan_file: Path | None = None,
    data_dir: Path | None = None,
    runs: Path = Path("runs"),
) -> dict[str, Any]:
    """Applies a plan to a recipe's network or to a run, and tells what each step gains and costs.

    What is done is kept, and a killed climb goes on where it was. Table, CSV, JSON and picture lie in the run
    folder of the last rung.

    Args:
        given: A recipe's key or file, or a run folder.
        target: A board by key or path; an emulated one tells instructions.
        preset: Of a recipe.
        settings: Overrides of a recipe, each "a.b=value".
        plan_file: A YAML list of steps in place of the recipe's plan.
        data_dir: Folder of the data set's files.
        runs: Folder that holds all runs, for a recipe.

    Returns:
        The record, and the last run.

    Raises:
        InputError: The plan is empty or wrong, all faults at once; or as `train` and `derive`.
        CheckFailed: A budget of the recipe does not hold; says which, at which step and by how much. Where
            the architecture alone breaks it, that is said before training.
    """
    boards.load(target)  # a misspelt board is found before minutes of training
    first, plan = _begin(given, preset, settings, plan_file, runs)
    if not first.keras_model.is_file() and not first.recipe.compress:
        data.prepare(first, data_dir)
        entries = [planned.entry for planned in plan]
        budget.check(first, first.recipe.model_copy(update={"compress": entries}), target)
        training.fit(first)
    record = _record(first, target)
    run = first
    broken = _rung(record, run, None, target)
    for number, planned in enumerate(plan, 1):
        if broken:
            break
        run = derive.derive(run, planned)
        broken = _rung(record, run, planned, target, deployed=number == len(plan))
    if not broken:
        broken = _final(record, run.recipe)
    record.broken = [f"{p.where}: {p.what}" for p in broken]
    paths = _write(record, run)
    _show(record)
    console.say(f"run folder: {run.path}", "bold")
    if broken:
        raise _failed(broken, record)
    return {"run": str(run.path), **paths, "ladder": record.to_json()}


def _begin(
    given: str, preset: str, settings: Sequence[str], plan_file: Path | None, runs: Path
) -> tuple[RunFolder, list[Planned]]:
    """Returns the run of the first rung, and the steps above it."""
    where = str(plan_file) if plan_file else "compress"
    if Path(given).is_dir():
        if preset or settings:
            raise InputError(
                where=given,
                what="is a run, whose settings are fixed",
                hint="give the recipe with --preset, --set",
            )
        run = RunFolder.open(Path(given))
        run.need(run.keras_model, f"train {run.recipe.name}")
        entries = _read(plan_file) if plan_file else run.noted().get("plan", [])
        recipe = run.recipe
        plan = steps.plan(entries, recipe, where)
    else:
        recipe = training.resolve(given, preset, settings)
        plan = steps.plan(_read(plan_file) if plan_file else recipe.compress, recipe, where)
        run = training.open_run(given, preset, settings, runs) if plan else RunFolder(runs)
    if not plan:
        raise InputError(
            where=given, what="has no plan of compression", expected="steps under `compress`",
            hint="name them in the recipe, or in a file: --plan plan.yaml",
        )  # fmt: skip
    return run, plan


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        if path.stat().st_size > _MAX_PLAN_BYTES:
            raise InputError(where=str(path), what=f"is larger than {_MAX_PLAN_BYTES} bytes")
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(where=str(path), what=f"cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(where=str(path), what=f"is not YAML: {error}") from error
    if isinstance(tree, dict) and set(tree) == {"compress"}:
        tree = tree["compress"]
    if not isinstance(tree, list) or not all(isinstance(entry, dict) for entry in tree):
        raise InputError(
            where=str(path),
            what="holds no list of steps",
            expected="- {step: prune, pth: 0.3}",
            found=str(tree)[:80],
        )
    return tree


def _record(run: RunFolder, target: str) -> LadderRecord:
    recipe = run.recipe
    task = tasks.of(recipe)
    board = boards.load(target)
    return LadderRecord(
        recipe=recipe.name,
        metric=task.metric,
        higher_is_better=task.higher_is_better,
        scheme=recipe.quantize.label,
        target=board.key,
        emulated=board.emulated,
        synthetic=datasets.REGISTRY.get(recipe.data.dataset).synthetic,
        rungs=[],
    )


def _rung(
    record: LadderRecord, run: RunFolder, planned: Planned | None, target: str, deployed: bool = False
) -> list[Problem]:
    """Quantises, evaluates and measures a run; adds it to the record; returns the budgets that it breaks.

    Only the deployed one must fit the target.
    """
    compress.quantize(run, enforce=False)
    if not _is_evaluated(run):
        evaluate.evaluate(run)
    found = json.loads(run.metrics.read_text(encoding="utf-8"))["task"]
    known = run.noted()
    costs = cost.of_run(run, target, must_fit=deployed)
    step = planned.key if planned else (run.recipe.compress[-1]["step"] if run.recipe.compress else "train")
    rung = Rung(
        step=step,
        params=planned.entry if planned else {},
        run=run.path.name,
        value_float=found["float"]["value"],
        value_quantized=found["int8"]["value"],
        parameters=known["parameters"],
        model_bytes=known["model_bytes"],
        macs=costs.macs,
        arena_bytes=costs.arena_bytes,
        code_bytes=costs.code_bytes,
        weights_bytes=costs.weights_bytes,
        ram_bytes=costs.ram_bytes,
        flash_bytes=costs.flash_bytes,
        instructions=costs.instructions,
        seconds=round(sum(known.get("seconds", {}).values()), 2),
    )
    record.rungs.append(rung)
    return _drop(record, run.recipe, rung.value_float, "float", len(record.rungs))


def _is_evaluated(run: RunFolder) -> bool:
    """Says whether metrics.json is of the quantised model that is there."""
    if not run.metrics.is_file() or run.metrics.stat().st_mtime < run.tflite.stat().st_mtime:
        return False
    return bool(json.loads(run.metrics.read_text(encoding="utf-8")).get("task"))


def _drop(record: LadderRecord, recipe: Recipe, value: float, kind: str, number: int) -> list[Problem]:
    """Returns that a model lost more than the budget, against the float model of the first rung."""
    allowed = recipe.budget.metric_drop
    first = record.rungs[0].value_float
    lost = (first - value) if record.higher_is_better else (value - first)
    if allowed is None or lost <= allowed + 1e-12:
        return []
    return [
        Problem(
            where=f"step {number} of {record.recipe}, {record.rungs[number - 1].step}",
            what=f"{kind} {record.metric} {value:.4f} is {lost:.4f} worse than the first float's {first:.4f}",
            expected=f"at most {allowed:g} worse (budget.metric_drop)",
            found=f"{lost:.4f}",
            hint="a gentler step, more epochs after it, or a larger budget",
        )
    ]


def _final(record: LadderRecord, recipe: Recipe) -> list[Problem]:
    """Returns the budgets that the deployed model, the last rung, breaks."""
    last = record.rungs[-1]
    problems = _drop(record, recipe, last.value_quantized, record.scheme, len(record.rungs))
    for name, used, limit in (
        ("ram_bytes", last.ram_bytes, recipe.budget.ram_bytes),
        ("flash_bytes", last.flash_bytes, recipe.budget.flash_bytes),
    ):
        if limit and used is not None and used > limit:
            problems.append(
                Problem(
                    f"step {len(record.rungs)} of {record.recipe}, {last.step}",
                    f"takes {used - limit:,} bytes more than budget.{name} on {record.target}",
                    f"{limit:,} bytes", f"{used:,} bytes", "a step that removes more, or a smaller network",
                )
            )  # fmt: skip
    return problems


def _failed(broken: Sequence[Problem], record: LadderRecord) -> EdgekitError:
    error = CheckFailed(broken)
    from edgekit.report.record import result_record

    error.record = result_record("compress", error.exit_status, error.problems, {"ladder": record.to_json()})
    return error


def _write(record: LadderRecord, run: RunFolder) -> dict[str, str]:
    from edgekit.training import plots

    made = {
        name: run.path / f"ladder.{ending}"
        for name, ending in (("json", "json"), ("csv", "csv"), ("markdown", "md"))
    }
    files.write_json(made["json"], record.to_json())
    files.write_text(made["csv"], records.comma_separated(record))
    files.write_text(made["markdown"], records.markdown(record))
    made["picture"] = plots.ladder(record, run.plots)
    return {name: str(path) for name, path in made.items()}


def _show(record: LadderRecord) -> None:
    table = console.table(records.caption(record), records.COLUMNS)
    for row in records.rows(record):
        table.add_row(*row)
    console.stdout().print(table)

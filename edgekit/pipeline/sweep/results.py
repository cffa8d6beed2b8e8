"""What a sweep found: the record, the table and the CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.device import boards
from edgekit.pipeline.run_folder import command_line
from edgekit.pipeline.sweep.effects import effects
from edgekit.pipeline.sweep.folder import Plan, SweepFolder
from edgekit.pipeline.sweep.frontier import frontier
from edgekit.report import text
from edgekit.report.base import from_json, load_json
from edgekit.report.sweep import Budget, Metric, Status, SweepRecord, Trial
from edgekit.training.tasks import base as tasks

_COSTS = ("instructions", "ram_bytes", "flash_bytes", "arena_bytes", "macs", "parameters")
_ROWS = 24  # more are not printed, but in results.csv


def budget(plan: Plan) -> Budget:
    """Returns the limits of a candidate: the space's, and where it has none the recipe's."""
    own, recipe = plan.space.budget, plan.recipe.budget
    return Budget(
        ram_bytes=own.ram_bytes or recipe.ram_bytes,
        flash_bytes=own.flash_bytes or recipe.flash_bytes,
        instructions=own.instructions,
    )


def judged(trial: Trial, plan: Plan) -> Trial:
    """Returns a finished trial with the reason that keeps it off the frontier, if there is one."""
    from edgekit.pipeline.sweep.cost import over

    if trial.status != "done" or trial.cost is None or trial.value is None:
        return trial
    reason = over(trial.cost, budget(plan))
    drop = (trial.value if trial.value_float is None else trial.value_float) - trial.value
    drop = drop if metric(plan).higher_is_better else -drop
    quantize = plan.recipe.quantize
    if drop > quantize.max_metric_drop + 1e-12:
        lost = f"{quantize.label} {drop:.4f} below float, {quantize.max_metric_drop:g} allowed"
        reason = f"{reason}, {lost}" if reason else lost
    return trial.model_copy(update={"reason": reason})


def metric(plan: Plan) -> Metric:
    """Returns what a sweep of this recipe optimises: its task's metric."""
    task = tasks.of(plan.recipe)
    return Metric(
        name=task.metric,
        higher_is_better=task.higher_is_better,
        split=task.split or "validation",
    )


def record(folder: SweepFolder, trials: Sequence[Trial]) -> SweepRecord:
    """Returns the record of a sweep, finished or not.

    Args:
        folder: The sweep's.
        trials: What is known of each point.
    """
    plan = folder.plan
    board = boards.load(plan.target)
    ordered = sorted(trials, key=lambda trial: trial.number)
    counted = Counter(trial.status for trial in ordered)
    options = {key: list(values) for key, values in plan.space.options.items()}
    ranges = {key: values.log for key, values in plan.space.ranges.items()}
    seen = {key: sorted({t.point[key] for t in ordered if key in t.point}, key=float) for key in ranges}
    eligible = [trial for trial in ordered if trial.status == "done" and not trial.reason]
    return SweepRecord(
        name=plan.name,
        title=plan.space.title,
        recipe=plan.recipe.name,
        preset=plan.preset,
        synthetic=datasets.REGISTRY.get(plan.recipe.data.dataset).synthetic,
        notice=plan.recipe.notice,
        target=board.key,
        core=board.core.name,
        search=plan.search,
        metric=metric(plan),
        budget=budget(plan),
        max_metric_drop=plan.recipe.quantize.max_metric_drop,
        choices={**options, **seen},
        counts={status: counted.get(status, 0) for status in ("done", "skipped", "failed", "open")},
        trials=ordered,
        frontier=frontier(eligible, metric(plan)),
        effects=effects(ordered, options, ranges),
        seconds=round(sum(trial.seconds for trial in ordered), 2),
        command=command_line(),
    )


def load(folder: SweepFolder) -> SweepRecord:
    """Returns the record that a sweep has written."""
    return from_json(SweepRecord, load_json(folder.results), str(folder.results))


def write_csv(found: SweepRecord, folder: SweepFolder) -> None:
    """Writes results.csv: one row per point, choices first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    costs = [*_COSTS]
    writer.writerow(
        ["trial", *found.choices, "status", found.metric.name, f"{found.metric.name}_float",
         f"test_{found.metric.name}", *costs, "frontier", "seconds", "reason", "run"]
    )  # fmt: skip
    for t in found.trials:
        values = [getattr(t.cost, name) if t.cost else "" for name in costs]
        shown = ["" if v is None else f"{v:.6g}" for v in (t.value, t.value_float, t.test_value)]
        writer.writerow(
            [t.number, *(t.point.get(choice, "") for choice in found.choices), t.status, *shown, *values,
             int(t.number in found.frontier), f"{t.seconds:g}", t.reason, t.run]
        )  # fmt: skip
    files.write_text(folder.path / "results.csv", out.getvalue())


def show(found: SweepRecord) -> None:
    """Prints the points, all where they are few, else the frontier."""
    few = len(found.trials) <= _ROWS
    shown = found.trials if few else [found.trial(number) for number in found.frontier]
    title = f"{found.recipe} on {found.target} (emulated)" + ("" if few else ", frontier")
    headers = ["trial", *(choice.rpartition(".")[2] for choice in found.choices)]
    headers += [found.metric.name, "instructions", "RAM", "flash", ""]
    table = console.table(title, headers)
    for t in shown:
        cost = t.cost
        state = "frontier" if t.number in found.frontier else text.clip(t.reason, 60)
        if t.status != "done":
            state = f"{t.status}: {text.clip(t.reason, 60)}".removesuffix(": ")
        table.add_row(
            f"{t.number}", *(t.point.get(choice, "") for choice in found.choices),
            "-" if t.value is None else f"{t.value:.4f}",
            *([text.count(cost.instructions), text.size(cost.ram_bytes), text.size(cost.flash_bytes)]
              if cost else "---"),
            state,
        )  # fmt: skip
    console.stdout().print(table)
    console.stdout().print(counts(found))
    if found.notice:
        console.say(found.notice, "bold")


def counts(found: SweepRecord) -> str:
    """Returns in a sentence what became of the points."""
    words: dict[Status, str] = {
        "done": "trained",
        "skipped": "over the budget and not trained",
        "failed": "failed",
        "open": "not finished",
    }
    said = [f"{found.counts[status]} {said}" for status, said in words.items() if found.counts[status]]
    where = f"{found.metric.name} of the quantised network on the {found.metric.split} subjects"
    kind = ", synthetic data" if found.synthetic else ""
    return f"{text.plural(len(found.trials), 'point')}: {', '.join(said)}; {where}{kind}"

"""Accuracy: float beside int8, the baseline beside both, the board beside its PC."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Cell, Columns, Picture, Prose, Table
from edgekit.report.charts.confusion import MAX_CLASSES, confusion
from edgekit.report.folder import Scores, TaskMetrics, is_square
from edgekit.report.parts import Task
from edgekit.report.read import Run
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label

_MAX_F1_COLUMNS = 8


def _blocks(run: Run) -> Sequence[Block]:
    blocks: list[Block] = []
    tag, short = ("synthetic test subjects", " (synthetic)") if run.synthetic else ("test subjects", "")
    if run.metrics and run.metrics.task and not run.metrics.int8:
        blocks += _task(run.metrics.task, tag)
    elif run.metrics:
        models = _models(run)
        classes = run.metrics.classes
        blocks.append(_summary(models, classes, tag))
        blocks.append(
            Columns(
                [p for name, scores in models if (p := _picture(f"{name}{short}", classes, scores.confusion))]
            )
        )
        blocks += _threshold(models, tag)
        blocks.append(_details(models, tag))
    tasks = [(record, record.task) for record in run.hil if record.task]
    if tasks:
        rows: list[list[str | Cell]] = []
        for record, task in tasks:
            named = [(task.metric, task.value, task.pc_value)]
            if task.macro_f1 is not None and task.pc_macro_f1 is not None:
                named.append(("macro F1", task.macro_f1, task.pc_macro_f1))
            shown = [
                (metric, _metric(task, board), _metric(task, pc), board == pc) for metric, board, pc in named
            ]
            shown += [
                (one.metric, text.cell(one.value), text.cell(one.pc_value), one.value == one.pc_value)
                for one in task.more
            ]
            for metric, board, pc, same in shown:
                verdict = Cell("yes", "good") if same else Cell("no", "bad")
                rows.append([label(record), metric, board, pc, verdict])
        blocks.append(Prose("Scored over the vectors that were streamed, from what the board answered."))
        blocks.append(Table(f"On the board, {tag}", ("board", "metric", "board", "PC", "same"), rows))
        pictures = [
            p
            for record, task in tasks
            if (p := _picture(f"{label(record)}{short}", task.classes, task.confusion))
        ]
        blocks.append(Columns(pictures))
    return [block for block in blocks if not (isinstance(block, Columns) and not block.blocks)]


def _task(found: TaskMetrics, tag: str) -> list[Block]:
    """Returns the metric of a task that has no classes, and what it is made of."""
    models = (("float", found.float_), ("int8", found.int8))
    rows = [[name, text.count(score.n), f"{score.value:.4f}"] for name, score in models]
    blocks: list[Block] = [Table(f"Results on {tag}", ("model", "n", found.metric), rows)]
    parts = [(name, row) for name, score in models for row in score.rows]
    if parts:
        columns = ("model", *parts[0][1])
        blocks.append(
            Table(f"In parts, {tag}", columns, [[n, *map(text.cell, row.values())] for n, row in parts])
        )
    return blocks


def _metric(task: Task, value: float) -> str:
    """Returns shares as percentages, and errors in their own unit."""
    return text.share(value) if task.classes else f"{value:.6g}"


def _models(run: Run) -> list[tuple[str, Scores]]:
    metrics = run.metrics
    assert metrics is not None
    baseline = metrics.baseline.name if metrics.baseline else ""
    named = (
        ("float", metrics.float_),
        (metrics.quantized, metrics.int8),
        (f"baseline: {baseline}" if baseline else "baseline", metrics.baseline),
    )
    return [(name, scores) for name, scores in named if scores is not None]


def _summary(models: Sequence[tuple[str, Scores]], classes: Sequence[str], tag: str) -> Table:
    shown = classes if len(classes) <= _MAX_F1_COLUMNS else []
    rows = []
    for name, scores in models:
        f1 = [scores.per_class[c].f1 if c in scores.per_class else None for c in shown]
        rows.append(
            [
                name,
                text.count(scores.n),
                text.share(scores.accuracy),
                text.share(scores.macro_f1),
                *map(text.share, f1),
            ]
        )
    columns = ("model", "frames", "accuracy", "macro F1", *(f"F1 {c}" for c in shown))
    return Table(f"Results on {tag}", columns, rows)


def _picture(title: str, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> Picture | None:
    if not matrix or not is_square([list(row) for row in matrix], len(classes)) or len(classes) > MAX_CLASSES:
        return None
    return confusion(title, classes, matrix)


def _threshold(models: Sequence[tuple[str, Scores]], tag: str) -> list[Block]:
    rows = [
        [
            name,
            f"{t.value:g}",
            text.share(t.accuracy),
            text.count(t.kept),
            text.count(t.dropped),
            text.share(t.dropped_share, 2),
        ]
        for name, scores in models
        if (t := scores.threshold)
    ]
    columns = ("model", "confidence at least", "accuracy", "decided", "left undecided", "share undecided")
    return [Table(f"With a confidence threshold, {tag}", columns, rows)] if rows else []


def _details(models: Sequence[tuple[str, Scores]], tag: str) -> Table:
    rows = [
        [
            f"{name}, {c}",
            text.share(s.precision),
            text.share(s.recall),
            text.share(s.f1),
            text.count(s.support),
        ]
        for name, scores in models
        for c, s in scores.per_class.items()
    ]
    return Table(
        f"Every class, {tag}", ("model, class", "precision", "recall", "F1", "frames"), rows, folded=True
    )


SECTION = Section(order=30, title="Accuracy", blocks=_blocks, plots=("precision",), replaces=("confusion",))

"""`report.html`: one file that needs no network and no script."""

from __future__ import annotations

from pathlib import Path

from edgekit import files
from edgekit.report import page, text
from edgekit.report.blocks import Tile
from edgekit.report.read import Run
from edgekit.report.sections.base import sections
from edgekit.report.verdict import duration, flash_bytes, ram_bytes, verdict


def render(run: Run) -> str:
    """Returns the page.

    Args:
        run: What there is to report. Its names may come from files that others made: all are escaped.
    """
    head = page.Head(
        kind="report",
        name=run.name,
        title=run.title,
        notice=run.notice,
        synthetic="Trained and tested on synthetic data." if run.synthetic else "",
        footer=run.notice,
    )
    return page.render(
        head, "report.html.j2", verdict=verdict(run), tiles=_tiles(run), sections=sections(run)
    )


def write(run: Run, path: Path) -> None:
    """Writes the page to `path`.

    Raises:
        EnvironmentFailed: The disk refused.
    """
    files.write_text(path, render(run))


def _tiles(run: Run) -> list[Tile]:
    return [*_agreement(run), *_accuracy(run), *_cost(run)]


def _agreement(run: Run) -> list[Tile]:
    vectors = sum(record.vectors for record in run.hil)
    if not vectors:
        return []
    differing = sum(record.mismatched_elements for record in run.hil)
    elements = text.count(sum(record.elements for record in run.hil))
    where = f"of {elements} in {text.plural(vectors, 'vector')}"
    where += f" on {len(run.hil)} boards" if len(run.hil) > 1 else ""
    return [Tile("Elements that differ", text.count(differing), where, "bad" if differing else "good")]


def _accuracy(run: Run) -> list[Tile]:
    metrics = run.metrics
    if metrics is None or metrics.int8 is None:
        return _metric(run)
    detail = ["synthetic data"] if run.synthetic else []
    detail += [f"float {text.share(metrics.float_.accuracy)}"] if metrics.float_ else []
    detail += [f"baseline {text.share(metrics.baseline.accuracy)}"] if metrics.baseline else []
    return [Tile(f"Accuracy, {metrics.quantized}", text.share(metrics.int8.accuracy), ", ".join(detail))]


def _metric(run: Run) -> list[Tile]:
    """Returns the metric of a task that has no classes."""
    task = run.metrics.task if run.metrics else None
    if task is None:
        return []
    detail = ["synthetic data"] if run.synthetic else []
    detail.append(f"float {task.float_.value:.4f}")
    name = text.heading(task.metric)
    return [Tile(f"{name}, int8", f"{task.int8.value:.4f}", ", ".join(detail))]


def _cost(run: Run) -> list[Tile]:
    """Returns time and memory on the first board that has them."""
    record = next((r for r in run.hil if r.timer or r.memory), None)
    if record is None:
        return []
    tiles = []
    on = f" on {record.board}" if len(run.hil) > 1 else ""
    if record.timer:
        value, _, unit = duration(record.timer, record.timer.median).partition(" ")
        unit = "emulated instructions" if record.timer.unit == "instructions" else unit
        tiles.append(Tile(f"One inference{on}", value, f"{unit}, median"))
    if record.memory:
        memory = record.memory
        whole = "the whole firmware; " if memory.parts else "inference; "
        arena = f"arena {text.size(memory.arena_bytes)}"
        model = f"code {text.size(memory.code_bytes)}, weights {text.size(memory.weights_bytes)}"
        tiles.append(Tile(f"RAM{on}", text.size(ram_bytes(memory)), whole + arena))
        tiles.append(Tile(f"Flash{on}", text.size(flash_bytes(memory)), whole + model))
    return tiles

"""`report.html`: one file that needs no network and no script."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edgekit import __version__, files, paths
from edgekit.report import text
from edgekit.report.blocks import Tile, Tone
from edgekit.report.read import Run
from edgekit.report.sections.base import sections
from edgekit.report.verdict import duration, flash_bytes, ram_bytes, verdict


def render(run: Run) -> str:
    """Returns the page.

    Args:
        run: What there is to report. Its names may come from files that others made: all are escaped.
    """
    environment = Environment(
        loader=FileSystemLoader(paths.share("templates") / "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        run=run, verdict=verdict(run), tiles=_tiles(run), sections=sections(run), version=__version__
    )


def write(run: Run, path: Path) -> None:
    """Writes the page to `path`.

    Raises:
        EnvironmentFailed: The disk refused.
    """
    files.write_text(path, render(run))


def _tiles(run: Run) -> list[Tile]:
    tiles = []
    metrics = run.metrics
    if metrics and metrics.int8:
        detail = f"float {text.share(metrics.float_.accuracy)}" if metrics.float_ else ""
        if metrics.baseline:
            detail += f", baseline {text.share(metrics.baseline.accuracy)}"
        synthetic = ", synthetic" if run.synthetic else ""
        tiles.append(
            Tile(f"Accuracy, int8{synthetic}", text.share(metrics.int8.accuracy), detail.strip(", "))
        )
    record = next((r for r in run.hil if r.timer or r.memory), None)
    if record and record.vectors:
        where = f"of {text.count(record.elements)} in {text.plural(record.vectors, 'vector')}"
        tone: Tone = "bad" if record.mismatched_elements else "good"
        tiles.insert(0, Tile("Elements that differ", text.count(record.mismatched_elements), where, tone))
    if record and record.timer:
        timer = record.timer
        value, _, unit = duration(timer, timer.median).partition(" ")
        kind = "emulated, median" if timer.unit == "instructions" else "median"
        tiles.append(Tile("One inference", value, f"{unit}, {kind}"))
    if record and record.memory:
        memory = record.memory
        arena = f"arena {text.size(memory.arena_bytes)}"
        model = f"code {text.size(memory.code_bytes)}, weights {text.size(memory.weights_bytes)}"
        tiles.append(Tile("RAM", text.size(ram_bytes(memory)), arena))
        tiles.append(Tile("Flash", text.size(flash_bytes(memory)), model))
    return tiles

"""`report.md`: the same sections as the page, without the pictures, for a pull request or a log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from edgekit import __version__, files
from edgekit.report.blocks import (
    Block,
    Cell,
    Columns,
    Commands,
    Facts,
    Group,
    Picture,
    Prose,
    Table,
)
from edgekit.report.read import Run
from edgekit.report.sections.base import sections
from edgekit.report.verdict import verdict

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def render(run: Run) -> str:
    """Returns the report as Markdown with tables (GitHub's).

    Args:
        run: What there is to report. Its names may come from files that others made: all are escaped.
    """
    found = verdict(run)
    lines = [f"# {_escape(run.title)}", ""]
    if run.notice:
        lines += [f"**{_escape(run.notice)}**", ""]
    if run.synthetic:
        lines += ["Trained and tested on synthetic data.", ""]
    lines += [f"**{_escape(found.headline)}**", ""]
    lines += [f"- {_escape(sentence)}" for sentence in found.sentences]
    lines += [
        f"- {'held' if check.held else '**not held**'}: {_escape(check.name)} ({_escape(check.detail)})"
        for check in found.checks
    ]
    for section in sections(run):
        lines += ["", f"## {_escape(section.title)}", "", *_blocks(section.blocks, 3)]
    lines += ["", f"Made by edgekit {__version__}."]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def write(run: Run, path: Path) -> None:
    """Writes the report to `path`.

    Raises:
        EnvironmentFailed: The disk refused.
    """
    files.write_text(path, render(run))


def _blocks(blocks: Sequence[Block], level: int) -> Iterator[str]:
    for block in blocks:
        match block:
            case Prose():
                yield from (_escape(block.text), "")
            case Table():
                yield from _table(block)
            case Facts():
                yield from (f"- {_escape(name)}: {_escape(value)}" for name, value in block.items)
                yield ""
            case Commands():
                yield from (f"{_escape(block.caption)}:", "")
                yield from ("    " + " ".join(line.split()) for line in block.lines)
                yield ""
            case Picture() if block.stretch:  # a bar: its description is its content
                yield from (f"- {_escape(block.title)}: {_escape(block.description)}", "")
            case Group():
                yield from (f"{'#' * level} {_escape(block.title)}", "")
                yield from _blocks(block.blocks, min(level + 1, 6))
            case Columns():
                yield from _blocks(block.blocks, level)


def _table(table: Table) -> Iterator[str]:
    if table.caption:
        yield from (f"{_escape(table.caption)}:", "")
    rest = len(table.columns) - 1
    yield _row([Cell(column) for column in table.columns])
    yield "|---|" + ("---|" if table.text else "---:|") * rest
    yield from (_row(row) for row in table.cells)
    yield ""


def _row(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(_escape(cell.text) for cell in cells) + " |"


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\r", " ").replace("\n", " "))

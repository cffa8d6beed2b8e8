"""Compression: what the step of a derived run changed, and a plan's rungs beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from edgekit.report import ladder, text
from edgekit.report.blocks import Block, Facts, Prose, Table
from edgekit.report.read import Run
from edgekit.report.sections.base import Section

_MAX_ROWS = 500


def _blocks(run: Run) -> Sequence[Block]:
    blocks: list[Block] = []
    if run.step:
        settings = ", ".join(f"{name} {_cell(value)}" for name, value in run.step.params.items())
        words = f"Made by the step {run.step.step} from the run {run.step.parent}"
        blocks.append(Prose(words + (f": {settings}." if settings else ".")))
        blocks += _report(run.step.report)
    if run.ladder:
        blocks.append(Table(ladder.caption(run.ladder), ladder.COLUMNS, ladder.rows(run.ladder)))
        blocks += [Prose(f"Not held: {broken}.", "bad") for broken in run.ladder.broken]
    return blocks


def _report(report: Mapping[str, Any]) -> list[Block]:
    """Returns what a step says: before and after, then facts, then tables of its own."""
    blocks: list[Block] = []
    before, after = (
        part if isinstance(part := report.get(name), dict) else {} for name in ("before", "after")
    )
    names = list(dict.fromkeys([*before, *after]))
    if names:
        rows = [
            [name, _cell(before.get(name)), _cell(after.get(name)), _kept(before, after, name)]
            for name in names
        ]
        blocks.append(Table("Before and after the step", ("", "before", "after", "kept"), rows))
    rest = {name: value for name, value in report.items() if name not in ("before", "after")}
    facts = [(name, _cell(value)) for name, value in rest.items() if not _is_table(value)]
    if facts:
        blocks.append(Facts(facts))
    for name, value in rest.items():
        if _is_table(value):
            columns = list(dict.fromkeys(key for row in value for key in row))
            shown = [[_cell(row.get(key)) for key in columns] for row in value[:_MAX_ROWS]]
            blocks.append(Table(name.replace("_", " ").capitalize(), columns, shown, folded=len(value) > 12))
    return blocks


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) and row for row in value)


def _kept(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> str:
    first, now = before.get(name), after.get(name)
    numbers = isinstance(first, int | float) and isinstance(now, int | float)
    return text.share(now / first) if numbers and first else ""


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        text.cell(value)
        if value is None or isinstance(value, str | int | float)
        else text.clip(str(value), 200)
    )


SECTION = Section(order=32, title="Compression", blocks=_blocks, plots=("ladder",))

"""What `edgekit hil` shows on the terminal: one row per board, then what differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from edgekit import console
from edgekit.report import text
from edgekit.report.parts import Trace
from edgekit.report.record import HilRecord
from edgekit.report.tracing import place, sentences
from edgekit.report.verdict import (
    duration,
    headline,
    picture_costs,
    preproc_checks,
    preproc_cost,
    reference,
    stood_in,
)

if TYPE_CHECKING:
    from rich.table import Table

_SHOWN = 8  # mismatches per board
_STYLES = {"held": "bold green", "mismatch": "bold red", "failed": "bold red"}


def show(records: Sequence[HilRecord]) -> None:
    """Prints what boards showed: table, first mismatches, verdict."""
    out = console.stdout()
    out.print(summary(records))
    for record in records:
        if record.profile:
            out.print(profile(record))
        if record.trace and record.trace.departure:
            out.print(departure(record.trace, record))
    for line in details(records):
        out.print(line, markup=False)
    out.print(headline(records), style="bold", markup=False)


def summary(records: Sequence[HilRecord]) -> Table:
    """Returns a table with one row per board.

    Args:
        records: Results, in the order in which they are shown.
    """
    from rich.text import Text

    columns = (
        "board",
        "status",
        "vectors",
        "elements that differ",
        "one inference",
        "arena",
        "code",
        "weights",
    )
    title = text.listing(dict.fromkeys(f"{r.name or 'model'} beside {reference(r)}" for r in records), 3)
    table = console.table("", columns)
    table.title = Text(title)
    for record in records:
        status = Text(record.status, style=_STYLES[record.status])
        table.add_row(Text(stood_in(record)), status, *map(Text, _figures(record)))
    return table


def profile(record: HilRecord) -> Table:
    """Returns a table of what each node of a model costs, the dearest first."""
    from rich.text import Text

    unit = record.timer.unit if record.timer else "ticks"
    table = console.table("", ["node", "operator", "name", unit, "share"])
    table.title = Text(f"One inference by node, {stood_in(record)}")
    for node in sorted(record.profile, key=lambda node: -node.ticks):
        cells = (str(node.node), node.op, text.clip(node.name, 60), text.count(node.ticks))
        table.add_row(*map(Text, cells), text.share(node.share))
    return table


def departure(trace: Trace, record: HilRecord) -> Table:
    """Returns a table of the first values in which a board departs.

    Args:
        trace: Of the record; it has a departure.
        record: What ran.
    """
    from rich.text import Text

    found = trace.departure
    assert found is not None
    table = console.table("", ["element", found.witness, "board", "difference"])
    table.title = Text(f"{place(trace)}, vector {trace.vector}, {stood_in(record)}")
    for v in found.values:
        cells = (
            str(v.element),
            text.value(v.expected),
            text.value(v.got),
            text.difference(v.got, v.expected),
        )
        table.add_row(*map(Text, cells))
    return table


def details(records: Sequence[HilRecord]) -> list[str]:
    """Returns lines of plain text: why a run failed, what differs, whether the preprocessing agrees."""
    lines = []
    for record in records:
        if record.error:
            lines.append(f"{record.board}: {record.error}")
        if record.source and record.source.of > record.requested_vectors > 0:
            part = f"the first {text.count(record.requested_vectors)} of {text.count(record.source.of)}"
            lines.append(f"{record.board}: {part} vectors were asked for; --examples 0 takes all")
        for m in record.mismatches[:_SHOWN]:
            where = f"{record.board}: vector {m.vector} {m.output}[{m.element}]"
            lines.append(f"{where}: expected {text.value(m.expected)}, got {text.value(m.got)}")
        if record.mismatched_elements > _SHOWN:
            lines.append(f"{record.board}: {text.count(record.mismatched_elements - _SHOWN)} more differ")
        if record.trace:
            lines += [f"{record.board}: {said}" for said in sentences(record.trace)]
            lines += [f"{record.board}: usual cause: {cause}" for cause in record.trace.causes]
        elif record.mismatched_elements and record.engine == "aot":
            lines.append(f"{record.board}: --trace names the first node that departs")
        lines += [
            f"{check.name}: {'held' if check.held else 'not held'} ({check.detail})"
            for check in preproc_checks(record)
        ]
        lines += [f"{record.board}: {said}" for said in (*preproc_cost(record), *picture_costs(record))]
        if record.task:
            task = record.task
            shown = text.share if task.classes else text.compact
            board, pc = shown(task.value), shown(task.pc_value)
            lines.append(f"{record.board}: {task.metric} {board} on the board, {pc} on the PC")
            for one in task.more:
                board, pc = text.cell(one.value), text.cell(one.pc_value)
                lines.append(f"{record.board}: {one.metric} {board} on the board, {pc} on the PC")
        if record.energy:
            lines.append(
                f"{record.board}: {record.energy.median_uj:,.1f} uJ per inference ({record.energy.source})"
            )
    return lines


def _figures(record: HilRecord) -> list[str]:
    unknown = "-"
    asked = f" of {text.count(record.requested_vectors)}" if record.vectors < record.requested_vectors else ""
    memory = record.memory
    return [
        f"{text.count(record.vectors)}{asked}",
        f"{text.count(record.mismatched_elements)} of {text.count(record.elements)}",
        duration(record.timer, record.timer.median) if record.timer else unknown,
        text.size(memory.arena_bytes) if memory else unknown,
        text.size(memory.code_bytes) if memory else unknown,
        text.size(memory.weights_bytes) if memory else unknown,
    ]

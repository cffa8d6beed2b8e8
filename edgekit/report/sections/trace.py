"""The first node in which a board departs, value by value, and what usually causes it."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Group, Prose, Table
from edgekit.report.parts import Departure
from edgekit.report.read import Run
from edgekit.report.sections.base import Section
from edgekit.report.tracing import sentences
from edgekit.report.verdict import label


def _blocks(run: Run) -> Sequence[Block]:
    groups: list[Block] = []
    for record in run.hil:
        if record.trace is None:
            continue
        departure = record.trace.departure
        first, *others = sentences(record.trace)
        blocks: list[Block] = [Prose(first, "bad" if departure else "good"), *map(Prose, others)]
        if departure:
            blocks.append(_values(departure))
        blocks += [Prose(f"Usual cause: {cause}.") for cause in record.trace.causes]
        groups.append(Group(f"Vector {record.trace.vector} on {label(record)}", blocks))
    return groups


def _values(departure: Departure) -> Table:
    rows = [
        [str(v.element), text.value(v.expected), text.value(v.got), text.difference(v.got, v.expected)]
        for v in departure.values
    ]
    caption = f"The first {text.plural(len(rows), 'element')} that differ"
    return Table(caption, ("element", departure.witness, "board", "difference"), rows)


SECTION = Section(order=72, title="Where it departs", blocks=_blocks)

"""Two firmwares beside each other: what `edgekit ab` measured."""

from collections.abc import Sequence

from edgekit.report import ab, text
from edgekit.report.blocks import Block, Facts, Group, Prose, Table
from edgekit.report.read import Run
from edgekit.report.sections.base import Section


def _blocks(run: Run) -> Sequence[Block]:
    return [_one(record) for record in run.ab]


def _one(record: ab.AbRecord) -> Block:
    rows = [
        [name, arm.folder, arm.engine, arm.numerics, arm.optimize, text.count(arm.median)]
        for name, arm in (("A", record.a), ("B", record.b))
    ]
    columns = ("", "export", "engine", "numerics", "optimised for", f"median {record.unit}")
    found = record.difference
    facts = [
        ("Interval", f"{100 * found.level:g} %: {found.low:+.3%} to {found.high:+.3%}"),
        ("Method", found.method),
        ("Blocks", f"{len(record.per_block)}, in random order (seed {record.seed})"),
        ("Vectors", f"{text.count(record.vectors)}, in groups: {text.listing(record.groups)}"),
        ("Outputs", f"{text.plural(record.differing_vectors, 'vector')} on which A and B do not agree"),
    ]
    blocks: list[Block] = [
        Prose(ab.sentence(record)),
        ab.picture(record),
        Table("", columns, rows),
        Facts(facts),
    ]
    if record.note:
        blocks.insert(1, Prose(record.note, "muted"))
    return Group(f"On {record.board}{' (emulated)' if record.emulated else ''}", blocks)


SECTION = Section(order=88, title="A against B", blocks=_blocks)

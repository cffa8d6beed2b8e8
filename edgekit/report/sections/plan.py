"""The memory plan: where each tensor lies in the arena, and when."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Group, Prose, Table
from edgekit.report.charts.arena import arena
from edgekit.report.folder import Plan
from edgekit.report.read import Run
from edgekit.report.sections.base import Section

_MAX_ROWS = 200


def _blocks(run: Run) -> Sequence[Block]:
    planned = [(export.manifest, export.plan) for export in run.exports if export.plan]
    groups = []
    for manifest, plan in planned:
        picture = arena(f"Arena of {manifest.name} for {manifest.target}", plan)
        blocks = [_peak(plan, manifest.optimize), picture, *_rows(plan), _table(plan)]
        groups.append(Group(f"{manifest.name} for {manifest.target}", blocks))
    return groups if len(groups) > 1 else [block for group in groups for block in group.blocks]


def _rows(plan: Plan) -> list[Block]:
    """Returns what is said of nodes that run row by row; nothing where none do."""
    told = [
        [
            f"{group.nodes[0]} to {group.nodes[-1]}",
            "; ".join(f"{w.rows} of {w.of} rows of {w.tensor}" for w in group.windows),
        ]
        for group in plan.groups
        if group.nodes
    ]
    return (
        [Table("Nodes that run together, row by row", ("nodes", "what passes between them"), told)]
        if told
        else []
    )


def _peak(plan: Plan, goal: str) -> Prose:
    words = f"The arena takes {text.count(plan.arena_bytes)} bytes ({text.size(plan.arena_bytes)})."
    if 0 <= plan.peak_node < len(plan.nodes):
        alive = [b for b in plan.buffers if b.first_node <= plan.peak_node <= b.last_node]
        held = text.listing((f"{b.name} ({text.count(b.bytes)})" for b in alive), 4)
        words += f" What makes it so large is node {plan.nodes[plan.peak_node]}"
        words += f", while these live: {held}." if alive else "."
        if goal != "ram":
            words += " `--optimize ram` plans for less, at the cost of time."
    return Prose(words)


def _table(plan: Plan) -> Table:
    rows = [
        [b.name, text.count(b.offset), text.count(b.bytes), text.count(b.first_node), text.count(b.last_node)]
        for b in plan.buffers[:_MAX_ROWS]
    ]
    columns = ("tensor", "offset", "bytes", "first node", "last node")
    more = f" (the first {_MAX_ROWS})" if len(plan.buffers) > _MAX_ROWS else ""
    return Table(f"Every buffer{more}", columns, rows, folded=True)


SECTION = Section(order=60, title="Memory plan", blocks=_blocks, replaces=("plan", "arena"))

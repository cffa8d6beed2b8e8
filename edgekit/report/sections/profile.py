"""Which nodes of the model the time goes to, where a run was asked to tell."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Cell, Group, Table
from edgekit.report.charts import bar
from edgekit.report.parts import NodeCost
from edgekit.report.read import Run
from edgekit.report.record import HilRecord
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label

_SHOWN = 20  # rows that are not folded away


def _blocks(run: Run) -> Sequence[Block]:
    told = [record for record in run.hil if record.profile]
    palette = bar.colours([node.op for record in told for node in _by_cost(record.profile)])
    return [_board(record, palette) for record in told]


def _board(record: HilRecord, palette: dict[str, str]) -> Group:
    unit = record.timer.unit if record.timer else "ticks"
    total = round(sum(node.ticks for node in record.profile))
    amounts: dict[str, float] = {}
    for node in _by_cost(record.profile):
        amounts[node.op] = amounts.get(node.op, 0.0) + node.ticks
    ops = sorted(((op, round(ticks)) for op, ticks in amounts.items()), key=lambda item: -item[1])
    legend = [(palette[op], f"{op} {text.share(ticks / max(1, total))}") for op, ticks in ops]
    rows: list[list[str | Cell]] = [
        [str(node.node), Cell(node.op, swatch=palette[node.op]), text.clip(node.name, 60),
         text.count(node.ticks), text.share(node.share)]
        for node in _by_cost(record.profile)
    ]  # fmt: skip
    columns = ("node", "operator", "name", unit, "share")
    caption = "Every node, the dearest first"
    return Group(
        f"{text.count(total)} {unit} of one inference on {label(record)}, by node",
        [
            bar.stacked("By operator", ops, palette, total, legend),
            Table(caption, columns, rows, folded=len(rows) > _SHOWN),
        ],
    )


def _by_cost(nodes: Sequence[NodeCost]) -> list[NodeCost]:
    return sorted(nodes, key=lambda node: -node.ticks)


SECTION = Section(order=85, title="Time by node", blocks=_blocks)

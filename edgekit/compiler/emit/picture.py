"""The memory plan: as data for plan.json, and drawn as text for a comment."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from edgekit.compiler.arena import Plan
from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.names import comment, node_name
from edgekit.compiler.rows.model import Group

_COLUMNS = 64
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Span:
    """One buffer of the arena over its lifetime.

    Args:
        tensor: Index in the model file; -1 for scratch.
        name: Of the tensor, or "scratch", or which nodes' rows pass through it.
        offset, bytes: Its place.
        first_node, last_node: Positions in the list of nodes, both included; -1 is before the first
            node, the number of nodes is after the last.
    """

    tensor: int
    name: str
    offset: int
    bytes: int
    first_node: int
    last_node: int


def spans(lowering: Lowering, plan: Plan) -> list[Span]:
    """Returns every buffer, by first use and offset."""
    tensors = lowering.graph.tensors
    found = [
        Span(i, node_name(tensors[i].name), plan.offsets[i], tensors[i].nbytes, first, last)
        for i, (first, last) in lowering.lifetimes().items()
    ]
    for position, offset in plan.scratch.items():
        step = lowering.steps[position]
        if step.call is not None:
            name = "scratch"
            if step.group:
                name = f"rows {'into' if step.group.source else 'between'} {step_label(step)}"
            found.append(Span(-1, name, offset, step.call.scratch_bytes, position, position))
    return sorted(found, key=lambda span: (span.first_node, span.offset))


def plan_record(lowering: Lowering, plan: Plan) -> dict[str, Any]:
    """Returns plan.json: arena size, the node at its peak, every buffer, every node."""
    found = spans(lowering, plan)
    return {
        "arena_bytes": plan.arena_bytes,
        "peak_node": _peak(found, len(lowering.steps)),
        "buffers": [asdict(span) for span in found],
        "nodes": [
            " + ".join(lowering.graph.view(node).where for node in step.nodes) for step in lowering.steps
        ],
        "groups": [_group_record(lowering, step.group) for step in lowering.steps if step.group],
    }


def step_label(step: Step) -> str:
    """Returns the number of a step's node, or of its first and last where it has several: "3-5"."""
    first, last = step.nodes[0].index, step.nodes[-1].index
    return str(last) if first == last else f"{first}-{last}"


def _group_record(lowering: Lowering, group: Group) -> dict[str, Any]:
    """Returns which nodes run together, how many rows each makes at a time, and what passes between them."""
    tensors = lowering.graph.tensors
    return {
        "nodes": [stage.node.index for stage in group.nodes],
        "rows": [stage.rows for stage in group.nodes],
        "windows": [
            {
                "tensor": node_name(tensors[i].name),
                "rows": window.rows,
                "of": tensors[i].nbytes // window.row_bytes,
                "bytes": window.rows * window.row_bytes,
            }
            for i, window in group.windows.items()
        ],
    }


def picture(lowering: Lowering, plan: Plan) -> list[str]:
    """Returns the plan as lines of text: one row per node, address from left to right."""
    found = spans(lowering, plan)
    if not found:
        return []
    column = max(4, -(-plan.arena_bytes // _COLUMNS // 4) * 4)
    letters = {id(span): _LETTERS[i % len(_LETTERS)] for i, span in enumerate(found) if span.tensor >= 0}
    width = -(-plan.arena_bytes // column)
    lines = [f"Arena: {plan.arena_bytes} bytes. One column is {column} bytes, one row is one node."]
    if any(span.tensor >= 0 and _covered(span, found) for span in found):
        lines.append(
            "A node may write over what it has read: where two buffers share bytes, its result is drawn."
        )
    for position in range(-1, len(lowering.steps)):
        row = ["."] * width
        for span in found:
            if span.first_node <= position <= span.last_node:
                for at in range(span.offset // column, -(-(span.offset + span.bytes) // column)):
                    row[at] = letters.get(id(span), "#")
        label = "in" if position < 0 else step_label(lowering.steps[position])
        lines.append(f"{label:>7} |{''.join(row)}|")
    lines.append("")
    for span in found:
        letter = letters.get(id(span), "#")
        name = comment(span.name, 60)
        lines.append(f"{letter}  {span.offset:>7} + {span.bytes:<7} {name}")
    return lines


def _covered(span: Span, found: list[Span]) -> bool:
    """Says whether a node's result lies on what dies with that node."""
    return any(
        other.first_node == span.last_node
        and other.offset < span.offset + span.bytes
        and span.offset < other.offset + other.bytes
        for other in found
        if other is not span
    )


def _peak(found: list[Span], count: int) -> int:
    def used(position: int) -> int:
        total = reached = 0
        live = (s for s in found if s.first_node <= position <= s.last_node)
        for start, end in sorted((s.offset, s.offset + s.bytes) for s in live):
            total += max(0, end - max(start, reached))  # what overlaps counts once
            reached = max(reached, end)
        return total

    return max(range(count), key=used, default=-1)

"""The memory plan: each tensor a rectangle, time to the right, address upwards."""

from __future__ import annotations

from edgekit.report import text
from edgekit.report.blocks import Line, Picture, Rect, Text
from edgekit.report.charts.scale import Scale, ticks
from edgekit.report.folder import Plan

_MAX_RECTS = 1500


def arena(title: str, plan: Plan) -> Picture:
    """Draws where each tensor lies, and when.

    Args:
        title: Which model.
        plan: As the planner wrote it.
    """
    width, height, left, right, top, bottom = 1040.0, 420.0, 64.0, 16.0, 22.0, 44.0
    nodes = max(len(plan.nodes), 1)
    x = Scale(-0.5, nodes - 0.5, left, width - right)
    y = Scale(0, max(plan.arena_bytes, 1), height - bottom, top)
    marks: list[Rect | Text | Line] = []
    if 0 <= plan.peak_node < nodes:
        start = x(plan.peak_node - 0.5)
        marks.append(
            Rect(start, top, round(x(plan.peak_node + 0.5) - start, 1), height - bottom - top, "peak")
        )
        marks.append(Text(x(plan.peak_node), top - 7, "peak", "axis", "middle"))
    for tick in ticks(0, plan.arena_bytes, 5):
        marks.append(Line(f"M{left} {y(tick)}H{width - right}", "grid"))
        marks.append(Text(left - 8, y(tick) + 4, text.count(tick), "tick", "end"))
    biggest = sorted(plan.buffers, key=lambda b: -b.bytes * (b.last_node - b.first_node + 1))[:_MAX_RECTS]
    for buffer in biggest:
        first, last = max(buffer.first_node, 0), min(buffer.last_node, nodes - 1)
        low, high = y(buffer.offset), y(buffer.offset + buffer.bytes)
        x0, x1 = x(first - 0.5), x(max(last, first) + 0.5)
        place = f"{text.count(buffer.bytes)} bytes at {text.count(buffer.offset)}"
        hint = f"{buffer.name}: {place}, nodes {first} to {last}"
        marks.append(
            Rect(
                round(x0 + 0.8, 1),
                round(high + 0.8, 1),
                round(max(x1 - x0 - 1.6, 1), 1),
                round(max(low - high - 1.6, 0.6), 1),
                f"buffer {'b1' if buffer.tensor % 2 else 'b0'}",
                hint,
            )
        )
        room = int((x1 - x0 - 10) / 6.6)
        if low - high >= 15 and room >= 4:
            name = text.clip(buffer.name.rsplit("/", 1)[-1], room)
            marks.append(Text(round(x0 + 6, 1), round((low + high) / 2 + 4, 1), name, "inside"))
    for tick in ticks(0, nodes - 1, 12):
        if tick == int(tick):
            marks.append(Text(x(tick), height - bottom + 18, text.count(tick), "tick", "middle"))
    marks.append(
        Text((left + width - right) / 2, height - 4, "node, in the order of execution", "axis", "middle")
    )
    marks.append(Text(left - 8, top - 7, "byte", "axis", "end"))
    description = (
        f"{text.plural(len(plan.buffers), 'buffer')} in an arena of {text.count(plan.arena_bytes)} bytes "
        f"over {text.plural(len(plan.nodes), 'node')}; the peak is at node {plan.peak_node}; "
        "a node may write over what it has read, so buffers may share bytes where one follows another"
    )
    return Picture(title, description, width, height, marks, min_width=640)

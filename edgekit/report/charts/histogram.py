"""How often each time was measured, with its median and percentiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgekit.report import text
from edgekit.report.blocks import Line, Picture, Rect, Text
from edgekit.report.charts.scale import Scale, ticks

_BINS = 40


def histogram(title: str, values: Sequence[int], unit: str, lines: Sequence[tuple[str, int]]) -> Picture:
    """Draws a histogram.

    Args:
        title: What was measured.
        values: One per vector, at least one.
        unit: Name of the axis.
        lines: Name and value of what is marked, e.g. ("median", 812000).
    """
    width, height, left, right, top, bottom = 720.0, 220.0, 44.0, 16.0, 40.0, 42.0
    low, high = min(values), max(values)
    pad = max((high - low) * 0.04, abs(high) * 1e-6, 1.0)
    counts, edges = np.histogram(values, bins=_BINS, range=(low - pad, high + pad))
    x = Scale(low - pad, high + pad, left, width - right)
    y = Scale(0, float(counts.max()), height - bottom, top)
    marks: list[Rect | Text | Line] = []
    for tick in ticks(0, float(counts.max()), 4):
        if tick == int(tick):
            marks.append(Line(f"M{left} {y(tick)}H{width - right}", "grid"))
            marks.append(Text(left - 8, y(tick) + 4, text.compact(tick), "tick", "end"))
    for number, start, stop in zip(counts, edges[:-1], edges[1:], strict=True):
        if number:
            hint = f"{text.plural(int(number), 'vector')} from {start:,.0f} to {stop:,.0f} {unit}"
            wide = max(x(float(stop)) - x(float(start)) - 1.5, 1)
            marks.append(
                Rect(
                    x(float(start)),
                    y(float(number)),
                    round(wide, 1),
                    round(y(0) - y(float(number)), 1),
                    "c0",
                    hint,
                )
            )
    for tick in ticks(x.low, x.high, 5):
        marks.append(Text(x(tick), height - bottom + 18, f"{tick:,.10g}", "tick", "middle"))
    marks.append(Text((left + width - right) / 2, height - 4, unit, "axis", "middle"))
    for i, (name, value) in enumerate(lines):
        marks.append(Line(f"M{x(value)} {top - 4}V{height - bottom}", f"mark m{i % 3}", f"{name}: {value:,}"))
    description = f"{text.plural(len(values), 'vector')} between {low:,} and {high:,} {unit}"
    legend = [(f"mark m{i % 3}", f"{name} {value:,}") for i, (name, value) in enumerate(lines)]
    return Picture(title, description, width, height, marks, legend, min_width=480)

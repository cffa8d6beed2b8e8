"""Curves over a common axis; beside its colour each has its own dash and its name in the legend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.report import text
from edgekit.report.blocks import Line, Picture, Rect, Text
from edgekit.report.charts.scale import Scale, ticks

_MAX_POINTS = 400


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its name, its colour class and its values, one per step; not-a-number leaves a gap."""

    name: str
    css: str
    values: Sequence[float]


def lines(title: str, x_name: str, curves: Sequence[Curve], highlight: int | None = None) -> Picture | None:
    """Draws curves; None where no value is finite.

    Args:
        title: What they show.
        x_name: What a step is, e.g. "epoch"; steps count from 1.
        curves: All of them, sharing the axis.
        highlight: Index of a step to mark on every curve, e.g. the best epoch.
    """
    finite = [v for curve in curves for v in curve.values if math.isfinite(v)]
    if not finite:
        return None
    width, height, left, right, top, bottom = 470.0, 260.0, 48.0, 10.0, 12.0, 40.0
    longest = max(len(curve.values) for curve in curves)
    low, high = min(finite), max(finite)
    margin = (high - low) * 0.05 or 0.5
    y = Scale(low - margin, high + margin, height - bottom, top)
    x = Scale(1, max(longest, 2), left, width - right)
    marks: list[Rect | Text | Line] = []
    for tick in ticks(y.low, y.high):
        marks.append(Line(f"M{left} {y(tick)}H{width - right}", "grid"))
        marks.append(Text(left - 8, y(tick) + 4, text.compact(tick), "tick", "end"))
    for tick in ticks(1, longest, 8):
        if tick == int(tick):
            marks.append(Text(x(tick), height - bottom + 18, text.compact(tick), "tick", "middle"))
    marks.append(Text((left + width - right) / 2, height - 4, x_name, "axis", "middle"))
    for curve in curves:
        marks.append(Line(_path(curve.values, x, y), f"curve {curve.css}", curve.name))
        if highlight is not None and highlight < len(curve.values) and math.isfinite(curve.values[highlight]):
            px, py = x(highlight + 1), y(curve.values[highlight])
            marks.append(Line(f"M{px - 3.5} {py}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0", f"dot {curve.css}"))
    ends = [f"{c.name} ends at {c.values[-1]:.4g}" for c in curves if len(c.values)]
    legend = [(f"curve {curve.css}", curve.name) for curve in curves]
    return Picture(title, "; ".join(ends), width, height, marks, legend, min_width=320)


def _path(values: Sequence[float], x: Scale, y: Scale) -> str:
    stride = max(1, math.ceil(len(values) / _MAX_POINTS))
    kept = [*range(0, len(values) - 1, stride), len(values) - 1] if values else []
    path, pen = [], "M"
    for i in kept:
        if math.isfinite(values[i]):
            path.append(f"{pen}{x(i + 1)} {y(values[i])}")
            pen = "L"
        else:
            pen = "M"
    return "".join(path)

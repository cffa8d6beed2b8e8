"""The record of an A/B experiment (`edgekit.ab/1`), and its picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from edgekit import __version__
from edgekit.report import text
from edgekit.report.base import Part
from edgekit.report.blocks import Line, Picture, Rect, Text
from edgekit.report.charts.scale import Scale, ticks
from edgekit.report.parts import Count, VectorSource

MAX_BLOCKS = 10_000


class Arm(Part):
    """One of the two firmwares."""

    folder: str
    name: str
    engine: str
    numerics: str
    optimize: str
    model_sha256: str
    firmware_sha256: str
    compiler: str
    port: str = ""
    median: Count = Field(description="time of one inference, over all blocks and vectors")


class Difference(Part):
    """How much longer B takes than A, as a share of A."""

    value: float
    low: float = Field(description="lower end of the confidence interval")
    high: float = Field(description="upper end")
    level: float = Field(0.95, gt=0, lt=1)
    standard_error: float = Field(ge=0)
    method: str


class AbRecord(Part):
    """Two firmwares on one board, measured in random order."""

    schema_: Literal["edgekit.ab/1"] = Field("edgekit.ab/1", alias="schema")
    edgekit: str = Field(__version__, description="version that made the record")
    board: str
    emulated: bool
    unit: Literal["instructions", "cycles", "ns"]
    a: Arm
    b: Arm
    difference: Difference
    groups: list[str] = Field(description="strata of the vectors")
    source: VectorSource
    vectors: Count
    differing_vectors: Count = Field(description="vectors on whose outputs the two do not agree")
    seed: int
    first: list[str] = Field(
        max_length=MAX_BLOCKS, description="arm that came first, one letter per turn of each block"
    )
    per_block: list[tuple[float, float]] = Field(
        max_length=MAX_BLOCKS, description="time per vector of A and B, weighted over the groups"
    )
    note: str = ""
    command: str = ""


def sentence(record: AbRecord) -> str:
    """Returns what the experiment showed, in one sentence."""
    found = record.difference
    words = f"B takes {abs(found.value):.2%} {'longer' if found.value > 0 else 'less'} than A"
    interval = f"{100 * found.level:g} % interval {found.low:+.2%} to {found.high:+.2%}"
    if record.emulated and found.value:
        return f"{words}, in emulated instructions."
    if found.low == found.high == 0:
        return f"B takes exactly as long as A, in every one of {text.plural(len(record.per_block), 'block')}."
    if found.low <= 0 <= found.high:
        return f"No difference was found: {words}, {interval}."
    return f"{words}, {interval}."


def picture(record: AbRecord) -> Picture:
    """Draws the relative difference of each block, and the interval of all."""
    width, height, left, right, top, bottom = 720.0, 240.0, 72.0, 16.0, 16.0, 42.0
    shares = [100 * (b / a - 1) for a, b in record.per_block]
    found = record.difference
    ends = [*shares, 100 * found.low, 100 * found.high, 0.0]
    pad = max((max(ends) - min(ends)) * 0.08, 1e-3)
    y = Scale(min(ends) - pad, max(ends) + pad, height - bottom, top)
    x = Scale(0, len(shares) + 1, left, width - right)
    marks: list[Rect | Text | Line] = []
    for tick in ticks(y.low, y.high, 5):
        marks.append(Line(f"M{left} {y(tick)}H{width - right}", "grid"))
        marks.append(Text(left - 8, y(tick) + 4, f"{tick:+.4g} %", "tick", "end"))
    band = y(100 * found.low) - y(100 * found.high)
    marks.append(
        Rect(left, y(100 * found.high), width - right - left, round(max(band, 1.0), 1), "peak", "interval")
    )
    marks.append(Line(f"M{left} {y(100 * found.value)}H{width - right}", "mark m0", f"{found.value:+.3%}"))
    marks.append(Line(f"M{left} {y(0)}H{width - right}", "mark m1", "no difference"))
    for number, share in enumerate(shares, 1):
        marks.append(Rect(x(number) - 2.5, y(share) - 2.5, 5, 5, "c0", f"block {number}: {share:+.3f} %"))
    for tick in _whole(ticks(1, len(shares), 10)):
        marks.append(Text(x(tick), height - bottom + 18, text.count(tick), "tick", "middle"))
    marks.append(Text((left + width - right) / 2, height - 4, "block", "axis", "middle"))
    legend = [
        ("c0", "one block"),
        ("mark m0", "B against A"),
        ("mark m1", "no difference"),
        ("peak", "interval"),
    ]
    return Picture(
        f"B against A on {record.board}", sentence(record), width, height, marks, legend, min_width=480
    )


def _whole(values: Sequence[float]) -> list[float]:
    return [value for value in values if value == int(value)]

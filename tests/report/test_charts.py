"""The pictures: what lies where, for ordinary values and for the ends."""

from __future__ import annotations

import math

import pytest

from edgekit.report.blocks import Picture, Rect, Text
from edgekit.report.charts import bar
from edgekit.report.charts.arena import arena
from edgekit.report.charts.confusion import confusion
from edgekit.report.charts.histogram import histogram
from edgekit.report.charts.lines import Curve, lines
from edgekit.report.charts.scale import Scale, ticks
from edgekit.report.charts.strip import strip
from edgekit.report.folder import Buffer, Plan


def rects(picture: Picture, css: str) -> list[Rect]:
    return [mark for mark in picture.marks if isinstance(mark, Rect) and css in mark.css.split()]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0.31, 1.42, [0.4, 0.6, 0.8, 1.0, 1.2, 1.4]),
        (5, 5, [5]),
        (-1e-9, 1e-9, None),
    ],
)
def test_ticks_are_round_and_within(low: float, high: float, expected: list[float] | None) -> None:
    found = ticks(low, high)
    assert all(low <= tick <= high for tick in found) and len(found) <= 11
    if expected:
        assert found == expected


def test_a_scale_maps_ends_to_ends_and_survives_a_single_value() -> None:
    assert [Scale(0, 10, 100, 200)(v) for v in (0, 5, 10)] == [100, 150, 200]
    assert Scale(3, 3, 100, 200)(3) == 100


def test_bars_are_in_proportion_and_fill_no_more_than_their_width() -> None:
    made = bar.stacked("x", [("a", 300), ("b", 100), ("none", 0)], bar.colours(["a", "b", "none"]), 400)
    a, b = rects(made, "c0")[0], rects(made, "c1")[0]
    assert a.width + 3 == pytest.approx(3 * (b.width + 3)) and b.x + b.width <= made.width
    assert rects(made, "c2") == [] and "400 in all" in made.description


def test_a_confusion_shades_by_the_share_of_the_row() -> None:
    made = confusion("x", ["a", "b"], [[9, 1], [0, 0]])
    assert [round(r.opacity / 0.92, 2) for r in rects(made, "hit")] == [0.9, 0]
    assert rects(made, "miss")[0].title == "true a, predicted b: 1 of 10"


def test_curves_leave_gaps_where_a_value_is_missing() -> None:
    made = lines("loss", "epoch", [Curve("training", "k0", [1.0, math.nan, 0.5, 0.4])])
    assert made is not None
    path = next(mark.path for mark in made.marks if getattr(mark, "css", "") == "curve k0")
    assert path.count("M") == 2 and "nan" not in path
    assert lines("loss", "epoch", [Curve("training", "k0", [math.nan, math.inf])]) is None


def test_a_histogram_counts_every_vector_once() -> None:
    made = histogram("t", [10, 10, 11, 30], "ns", [("median", 10)])
    counted = [int(mark.title.split("\u00a0")[0]) for mark in rects(made, "c0")]
    assert sum(counted) == 4
    assert histogram("t", [7], "ns", []).marks


def test_a_strip_has_a_cell_for_each_vector_and_bins_for_many() -> None:
    made = strip("x", [0, 2, 0], 5)
    assert [len(rects(made, css)) for css in ("agrees", "differs", "unreached")] == [2, 1, 2]
    many = strip("x", [0] * 49_999 + [1], 50_000)
    assert len(rects(many, "differs")) == 1 and len(many.marks) <= 1002
    assert "50 vectors" in many.caption


def test_a_plan_shows_each_buffer_where_and_when_it_lives() -> None:
    buffers = [
        Buffer(tensor=0, name="input", offset=0, bytes=50, first_node=0, last_node=0),
        Buffer(tensor=1, name="conv", offset=50, bytes=50, first_node=0, last_node=1),
    ]
    made = arena("x", Plan(arena_bytes=100, peak_node=0, buffers=buffers, nodes=["0: CONV_2D", "1: SOFTMAX"]))
    conv, first = sorted(rects(made, "buffer"), key=lambda rect: -rect.width)
    assert conv.width == pytest.approx(2 * first.width, abs=3)
    assert conv.y < first.y and conv.height == pytest.approx(first.height, abs=1)  # higher address, higher up
    assert {"input", "conv", "peak"} <= {mark.text for mark in made.marks if isinstance(mark, Text)}
    assert arena("x", Plan(arena_bytes=0, peak_node=-1, buffers=[], nodes=[])).marks

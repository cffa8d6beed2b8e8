"""The page and the pictures of a sweep."""

from __future__ import annotations

import re

import pytest

from edgekit.pipeline.sweep import picture
from edgekit.report.sweep import Effect, Interval, SweepRecord, Trial
from edgekit.report.sweep_page import chart, render
from tests.pipeline.sweep.conftest import cost, done

HOSTILE = "</script><b onload=x>"


def record(**fields) -> SweepRecord:
    trials = [
        done(0, 0.8, 1000, flash=2000, point={"a.width": "narrow", "b": "on"}),
        done(1, 0.9, 9000, flash=8000, point={"a.width": HOSTILE, "b": "on"}),
        done(2, 0.7, 5000, point={"a.width": "narrow", "b": "off"}, reason="over a limit"),
        Trial(
            number=3, point={"a.width": "narrow", "b": "off"}, settings=[], status="skipped",
            reason="RAM 9", cost=cost(10**6),
        ),
        Trial(number=4, point={"a.width": "narrow", "b": "on"}, settings=[], status="failed", reason="died"),
    ]  # fmt: skip
    interval = Interval(value=0.1, low=0.05, high=0.15)
    effects = [
        Effect(choice="a.width", option=HOSTILE, against="narrow", metric=interval, instructions=interval),
        Effect(choice="b", option="off", against="on", metric=Interval(value=-0.1)),
    ]
    return SweepRecord(**{
        "name": "s", "recipe": "r", "target": "board", "core": "m4", "search": "grid", "synthetic": True,
        "choices": {"a.width": ["narrow", HOSTILE], "b": ["on", "off"]}, "trials": trials, "frontier": [0, 1],
        "counts": {"done": 3, "skipped": 1, "failed": 1, "open": 0}, "effects": effects, **fields,
    })  # fmt: skip


def test_the_page_is_whole_and_loads_nothing():
    page = render(record())
    assert "default-src 'none'" in page and not re.search(r"(src|href)=[\"']?http|url\(", page)
    assert page.count("<script>") == page.count("</script>") == 1
    assert "<b onload" not in page
    assert page.count("<circle") == 3 + 3  # points, legend
    assert "synthetic data" in page and "RAM 9" in page and "failed: died" in page
    assert "+0.1000" in page and "+10.0 %" in page and "too few points" in page


def test_the_picture_places_points_by_cost_and_metric():
    drawn = chart(record())
    at = {dot.number: dot for dot in drawn.dots}
    assert at[0].x < at[2].x < at[1].x and at[1].y < at[0].y < at[2].y
    assert at[1].radius > at[0].radius > at[2].radius
    assert [at[n].css for n in (0, 1, 2)] == ["best", "best", "over"]
    assert drawn.line.startswith(f"M{at[0].x:g} {at[0].y:g}")
    assert any("instructions" in line for line in at[0].lines)


def test_one_point_or_none_is_drawn_too():
    assert len(chart(record(trials=[done(0, 0.5, 10)], frontier=[0])).dots) == 1
    page = render(record(trials=[], frontier=[], effects=[], choices={}))
    assert "No point was trained" in page and "<script>" not in page


def test_the_pictures_repeat_to_the_byte(tmp_path):
    pytest.importorskip("matplotlib")
    for name in ("a", "b"):
        picture.frontier(record(), tmp_path / name)
        picture.effects(record(), tmp_path / name)
    for picture_name in ("frontier.svg", "effects.svg"):
        first, second = (tmp_path / name / picture_name for name in ("a", "b"))
        assert first.read_bytes() == second.read_bytes() and b"<svg" in first.read_bytes()
    assert (tmp_path / "a" / "frontier.png").read_bytes().startswith(b"\x89PNG")

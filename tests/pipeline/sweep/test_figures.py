"""The frontier, the effects, and the rules that pick a point."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.errors import CheckFailed, InputError
from edgekit.pipeline.sweep.effects import effects
from edgekit.pipeline.sweep.frontier import frontier
from edgekit.pipeline.sweep.pick import choose
from edgekit.report.sweep import Metric, SweepRecord, Trial
from tests.pipeline.sweep.conftest import done


def test_the_frontier_holds_what_no_other_beats():
    trials = [
        done(0, 0.5, 100),
        done(1, 0.7, 300),
        done(2, 0.6, 400),
        done(3, 0.7, 300, flash=500),
        done(4, 0.4, 90),
    ]
    assert frontier(trials, Metric()) == [4, 0, 3]
    assert frontier(trials, Metric(higher_is_better=False)) == [4]
    assert frontier([], Metric()) == []


def factorial(noise: float) -> list[Trial]:
    """Wide adds 0.1 and doubles the instructions, deep takes 0.05 away."""
    rng = np.random.default_rng(0)
    return [
        done(
            number, 0.5 + 0.1 * wide - 0.05 * deep + noise * rng.standard_normal(), 1000 * (1 + wide),
            point={"width": ["narrow", "wide"][wide], "depth": ["flat", "deep"][deep], "rate": f"{rate:g}"},
        )
        for number, (wide, deep, rate) in enumerate(
            (w, d, r) for w in (0, 1) for d in (0, 1) for r in (1.0, 10.0, 100.0)
        )
    ]  # fmt: skip


OPTIONS = {"width": ["narrow", "wide"], "depth": ["flat", "deep"]}


def test_effects_are_those_that_the_figures_were_made_with():
    found = {(e.choice, e.option): e for e in effects(factorial(0.01), OPTIONS, {"rate": True})}
    wide, deep, rate = found["width", "wide"], found["depth", "deep"], found["rate", "100"]
    assert wide.against == "narrow" and rate.against == "1"
    for effect, truth in ((wide, 0.1), (deep, -0.05), (rate, 0.0)):
        assert effect.metric.low <= truth <= effect.metric.high
        assert effect.metric.value == pytest.approx(truth, abs=0.02)
    assert wide.instructions.value == pytest.approx(1.0) and deep.instructions.value == pytest.approx(0.0)


def test_an_interval_is_that_of_ordinary_least_squares():
    """Against the textbook's formula for two groups of equal variance."""
    trials = [t for t in factorial(0.05) if t.point["depth"] == "flat"]
    (effect,) = effects(trials, {"width": OPTIONS["width"]}, {})
    a, b = ([t.value for t in trials if t.point["width"] == w] for w in ("narrow", "wide"))
    pooled = (np.var(a, ddof=1) + np.var(b, ddof=1)) / 2
    half = 2.7764 * np.sqrt(pooled * 2 / 3)  # t with 4 degrees of freedom, 97.5 %
    assert effect.metric.value == pytest.approx(np.mean(b) - np.mean(a))
    assert effect.metric.high - effect.metric.value == pytest.approx(half, rel=1e-3)


def test_what_always_changed_together_is_not_told_apart():
    trials = [t for t in factorial(0.0) if (t.point["width"] == "wide") == (t.point["depth"] == "deep")]
    assert {e.choice for e in effects(trials, OPTIONS, {"rate": True})} == {"rate"}


def test_without_a_degree_of_freedom_there_is_no_interval():
    two = [done(0, 0.5, 10, point={"width": "narrow"}), done(1, 0.7, 20, point={"width": "wide"})]
    (effect,) = effects(two, {"width": OPTIONS["width"]}, {})
    assert effect.metric.value == pytest.approx(0.2) and effect.metric.low is None
    assert effects([], OPTIONS, {"rate": False}) == []


def record(trials: list[Trial], best: list[int]) -> SweepRecord:
    return SweepRecord(
        name="s", recipe="r", target="b", core="c", search="grid", choices={}, counts={}, trials=trials,
        frontier=best,
    )  # fmt: skip


SWEPT = record(
    [
        done(0, 0.90, 100, flash=900), done(1, 0.93, 200, flash=400), done(2, 0.95, 400, flash=800),
        Trial(number=3, point={}, settings=[], status="skipped", reason="too large"),
    ],
    [0, 1, 2],
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "number"),
    [("0", 0), ("best", 2), ("smallest-within=0.02", 1), ("fastest-within=0.05", 0), ("fastest-within=0", 2)],
)
def test_a_rule_picks_a_point(rule, number):
    assert choose(SWEPT, rule).number == number


@pytest.mark.parametrize(
    ("rule", "said"),
    [("3", "too large"), ("9", "no trial"), ("bst", "is no rule"), ("smallest-within=x", "how much worse")],
)
def test_a_rule_that_picks_nothing_is_refused(rule, said):
    with pytest.raises(InputError, match=said):
        choose(SWEPT, rule)


def test_where_no_point_keeps_the_limits_that_is_said():
    with pytest.raises(CheckFailed, match="keeps every limit"):
        choose(record([], []), "best")

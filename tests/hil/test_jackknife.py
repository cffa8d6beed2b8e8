"""The interval covers the truth as often as it says, also where the machine drifts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from edgekit.hil import jackknife


@pytest.mark.parametrize("degrees", [9, 14, 29, 59, 1000])
@pytest.mark.parametrize("probability", [0.5, 0.9, 0.975, 0.995])
def test_student_t(degrees, probability):
    assert jackknife.student_t(probability, degrees) == pytest.approx(
        stats.t.ppf(probability, degrees), abs=2e-3
    )


def measured(generator, blocks: int, ratio: float):
    """Times of a PC: they drift, both arms alike, and now and then something else runs."""
    drift = 1 + 0.3 * np.cumsum(generator.normal(0, 0.05, (blocks, 1, 1)), axis=0)
    noise = 1 + np.abs(generator.standard_t(3, (blocks, 2, 3))) * 0.02
    base = np.array([100.0, 300.0, 50.0]) * drift * noise
    return base[:, 0], base[:, 1] * ratio


@pytest.mark.parametrize("ratio", [1.0, 1.01, 0.7])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(ratio):
    generator = np.random.default_rng(0)
    weights = np.array([0.5, 0.2, 0.3])
    found = [jackknife.difference(*measured(generator, 30, ratio), weights) for _ in range(1000)]
    covered = np.mean([one.low <= ratio - 1 <= one.high for one in found])
    assert 0.925 <= covered <= 0.975


def test_a_small_difference_is_found_despite_a_larger_drift():
    a, b = measured(np.random.default_rng(1), 200, 1.02)
    found = jackknife.difference(a, b, np.array([0.2, 0.3, 0.5]))
    assert 0.0 < found.low < found.value < found.high < 0.04
    assert not found.holds_zero
    assert np.ptp(a.mean(axis=1)) / a.mean() > 0.1


def test_equal_times_give_an_interval_of_no_width():
    same = np.tile(np.array([[100.0, 7.0]]), (10, 1))
    found = jackknife.difference(same, same, np.array([0.5, 0.5]))
    assert (found.value, found.low, found.high, found.holds_zero) == (0, 0, 0, True)


@pytest.mark.parametrize(("a", "b"), [((9, 2), (9, 2)), ((10, 2), (10, 3)), ((10, 3), (10, 3))])
def test_what_are_no_blocks_of_two_arms_is_refused(a, b):
    with pytest.raises(ValueError, match="no blocks"):
        jackknife.difference(np.ones(a), np.ones(b), np.array([0.5, 0.5]))

"""RR statistics: found on made-up beats, and what a linear classifier does with them."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import baseline
from edgekit.training.baseline.rr_statistics import BASELINE, statistics

pytest.importorskip("sleepecg")
pytest.importorskip("sklearn")

RATE = 100.0


def frames(rr_mean, rr_spread, n, seed):
    """Narrow positive peaks at random RR intervals with a little noise."""
    rng = np.random.default_rng(seed)
    x = 0.03 * rng.standard_normal((n, 800))
    time = np.arange(800) / RATE
    for row in x:
        beats = np.cumsum(rr_mean + rr_spread * rng.uniform(-1, 1, 40)) - rng.uniform(0, rr_mean)
        row += 4 * np.exp(-(((time[:, None] - beats) / 0.02) ** 2)).sum(axis=1)
    return x[..., None].astype(np.float32)


def test_statistics_by_hand():
    got = dict(zip(BASELINE.names[1:], statistics(np.array([0.8, 1.0, 0.9, 0.9])), strict=True))
    assert got["mean_rr"] == pytest.approx(0.9) and got["median_rr"] == pytest.approx(0.9)
    assert (got["shortest_rr"], got["longest_rr"]) == (0.8, 1.0)
    assert got["sdnn"] == pytest.approx(np.sqrt(0.02 / 4))
    assert got["rmssd"] == pytest.approx(np.sqrt((0.04 + 0.01) / 3))
    assert got["pnn50"] == pytest.approx(2 / 3)
    assert got["cv"] == pytest.approx(got["sdnn"] / 0.9) and got["rate"] == pytest.approx(60 / 0.9)


def test_beats_are_found_and_timed_in_seconds():
    rows = BASELINE.features(frames(0.8, 0.0, 5, seed=1), RATE)
    named = dict(zip(BASELINE.names, rows.T, strict=True))
    np.testing.assert_allclose(named["median_rr"], 0.8, atol=0.011)
    assert (named["sdnn"] < 0.02).all() and (named["beats"] >= 8).all()


def test_a_frame_without_beats_gives_finite_zeros():
    rows = BASELINE.features(np.zeros((2, 800, 1), np.float32), RATE)
    assert rows.shape == (2, len(BASELINE.names)) and not rows[:, 1:].any()


def test_rhythms_that_differ_in_rate_and_irregularity_are_told_apart():
    kinds = [(0.8, 0.03), (1.2, 0.03), (0.8, 0.4)]
    train = np.concatenate([frames(*kind, 30, seed=i) for i, kind in enumerate(kinds)])
    test = np.concatenate([frames(*kind, 10, seed=9 + i) for i, kind in enumerate(kinds)])
    logits = baseline.predict("rr-statistics", train, np.repeat(np.arange(3), 30), test, RATE)
    assert logits.shape == (30, 3)
    np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1, rtol=1e-5)
    assert (logits.argmax(axis=1) == np.repeat(np.arange(3), 10)).mean() > 0.95


def test_an_unknown_baseline_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'rr-statistics'"):
        baseline.predict("rr-statistic", *[np.zeros((1, 800, 1), np.float32)] * 3, RATE)

from __future__ import annotations

import numpy as np
import pytest

from edgekit.data.ecgsyn import noise

RATE = 360.0
COUNT = 8640


def band_share(x: np.ndarray, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(x)) ** 2
    f = np.fft.rfftfreq(x.size, 1 / RATE)
    return float(power[(f >= low) & (f < high)].sum() / power.sum())


@pytest.mark.parametrize("seed", range(5))
def test_noise_has_mean_zero_and_variance_one(seed):
    drawn = noise.draw(COUNT, RATE, 0.25, np.random.default_rng(seed))
    assert drawn.shape == (COUNT,)
    assert drawn.mean() == pytest.approx(0, abs=1e-9)
    assert drawn.var() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(5))
def test_each_kind_lies_in_its_band(seed):
    t = np.arange(COUNT) / RATE
    rng = np.random.default_rng(seed)
    assert band_share(noise._baseline(t, RATE, 0.25, rng), 0.02, 0.6) > 0.9
    assert band_share(noise._muscle(t, RATE, rng), 15, 180) > 0.8
    assert band_share(noise._motion(t, RATE, rng), 0.1, 8) > 0.9
    hum = noise._mains(t, RATE, rng)
    assert max(band_share(hum, 49, 51), band_share(hum, 59, 61)) > 0.9


def test_shares_of_the_kinds_differ_from_subject_to_subject():
    low = [band_share(noise.draw(COUNT, RATE, 0.25, np.random.default_rng(i)), 0, 1) for i in range(60)]
    assert min(low) < 0.15 and max(low) > 0.75


def test_hum_keeps_below_half_the_sampling_rate():
    noise.draw(2400, 100.0, 0.25, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(noise._mains(np.arange(2400) / 200.0, 200.0, np.random.default_rng(1)))) ** 2
    f = np.fft.rfftfreq(2400, 1 / 200.0)
    assert 49 < f[power.argmax()] < 61

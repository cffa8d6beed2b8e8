"""The notch takes out its frequency and leaves the rest."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain


def chain(frequency_hz=50.0, rate_hz=360.0, **params):
    step = {"step": "notch", "frequency_hz": frequency_hz, **params}
    return Chain.design([step, {"step": "frame", "samples": 720, "hop": 720}], rate_hz)


def gain(designed, frequency_hz):
    time = np.arange(3600) / 360
    frames, _ = designed.frames(np.sin(2 * np.pi * frequency_hz * time))
    return np.sqrt(2 * np.mean(frames[-1].astype(np.float64) ** 2))


def test_its_frequency_is_gone_and_the_rest_stays():
    designed = chain(quality=10.0)
    assert gain(designed, 50.0) < 1e-4
    assert gain(designed, 40.0) > 0.95
    assert gain(designed, 5.0) > 0.999


def test_quality_is_centre_over_bandwidth():
    assert gain(chain(quality=10.0), 52.5) == pytest.approx(np.sqrt(0.5), rel=0.05)


@pytest.mark.parametrize("frequency_hz", [16.7, 50.0, 60.0, 179.0])
def test_agrees_with_scipy_in_float64(frequency_hz):
    signal = np.random.default_rng(0).normal(size=3000).astype(np.float32)
    designed = chain(frequency_hz)
    assert np.abs(designed.frames(signal)[0] - designed.frames_float64(signal)).max() < 1e-4


def test_a_constant_is_kept_exactly():
    frames, _ = chain().frames(np.full(2000, 1000.1))
    assert np.array_equal(frames, np.full_like(frames, 1000.1))


def test_half_the_rate_is_refused():
    with pytest.raises(InputError, match="frequency_hz: is not below half the sampling rate"):
        chain(180.0)


def test_a_notch_that_float32_cannot_hold_is_refused():
    with pytest.raises(InputError, match="for float32"):
        chain(0.05, rate_hz=10000.0, quality=100.0)

"""Resampling: the right number of samples, tones kept or stopped, any sensible ratio."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain


def chain(rate_in, rate_out, **params):
    resample = {"step": "resample", "rate_hz": rate_out, **params}
    return Chain.design([resample, {"step": "frame", "samples": 500, "hop": 500}], rate_in)


@pytest.mark.parametrize("rate", [360.0, 500.0, 200.0, 250.0, 257.0, 125.0, 62.5, 1000.0])
def test_a_tone_keeps_its_amplitude_and_is_delayed_by_ten_samples_of_the_slower_rate(rate):
    time = np.arange(int(12 * rate)) / rate
    frames, _ = chain(rate, 100.0).frames(np.sin(2 * np.pi * 7 * time))
    times = 5 + np.arange(500) / 100 - 10 / min(rate, 100.0)
    assert np.abs(frames[1] - np.sin(2 * np.pi * 7 * times)).max() < 2e-3


def test_a_tone_beyond_the_new_range_is_stopped():
    time = np.arange(12 * 360) / 360
    frames, _ = chain(360.0, 100.0).frames(np.sin(2 * np.pi * 64 * time))
    assert np.abs(frames[1]).max() < 0.005


@pytest.mark.parametrize(
    ("rate_in", "rate_out"), [(360.0, 100.0), (500.0, 100.0), (100.0, 360.0), (62.4, 100.0)]
)
def test_agrees_with_scipy_in_float64(rate_in, rate_out):
    signal = np.random.default_rng(1).normal(size=int(11 * rate_in)).astype(np.float32)
    designed = chain(rate_in, rate_out)
    assert np.abs(designed.frames(signal)[0] - designed.frames_float64(signal)).max() < 5e-6


def test_the_same_rate_passes_samples_unchanged():
    signal = np.random.default_rng(1).normal(size=1000).astype(np.float32)
    designed = chain(100.0, 100.0)
    assert np.array_equal(designed.frames(signal)[0].reshape(-1), signal)
    assert designed.description[0] == "no resampling: the rate is 100 Hz already"


def test_a_constant_is_kept_exactly_however_large():
    frames, _ = chain(360.0, 100.0).frames(np.full(4000, 1000.1))
    assert np.array_equal(frames, np.full_like(frames, 1000.1))


@pytest.mark.parametrize(
    ("rate_in", "rate_out", "text"),
    [
        (333.333, 100.0, "is 100000/333333, too long a filter"),
        (360.0, 100.0001, "too long a filter"),
        (48000.0, 50.0, "needs 19201 samples of history"),
    ],
)
def test_an_absurd_ratio_is_refused(rate_in, rate_out, text):
    with pytest.raises(InputError, match=text):
        chain(rate_in, rate_out)


def test_a_near_ratio_is_offered():
    with pytest.raises(InputError, match=r"next: +100 Hz would be 5/18"):
        chain(360.0, 100.0001)

"""The band-pass has the response of the Butterworth filter that it names, in float32 too."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.preproc.chain import Chain


def chain(rate_hz=100.0, samples=1000, **params):
    step = {"step": "bandpass", "low_hz": 1.0, "high_hz": 30.0, **params}
    return Chain.design([step, {"step": "frame", "samples": samples, "hop": samples}], rate_hz)


def gain(designed, frequency_hz):
    time = np.arange(3000) / 100
    frames, _ = designed.frames(np.sin(2 * np.pi * frequency_hz * time))
    return np.sqrt(2 * np.mean(frames[-1].astype(np.float64) ** 2))


def test_minus_3_db_at_both_edges_and_nothing_lost_between():
    designed = chain()
    assert gain(designed, 1.0) == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert gain(designed, 30.0) == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert gain(designed, 8.0) == pytest.approx(1.0, rel=0.01)
    assert gain(designed, 0.1) < 0.002


@pytest.mark.parametrize("order", range(1, 9))
def test_every_order_agrees_with_scipy_in_float64(order):
    signal = np.random.default_rng(order).normal(size=3000).astype(np.float32)
    designed = chain(order=order)
    assert np.abs(designed.frames(signal)[0] - designed.frames_float64(signal)).max() < 1e-4


def test_state_is_preloaded_so_an_offset_makes_no_transient():
    signal = np.random.default_rng(0).normal(size=2000).astype(np.float32)
    signal[0] = 0
    plain, _ = chain().frames(signal)
    shifted, _ = chain().frames(signal + np.float32(1000))
    assert np.abs(plain - shifted).max() < 1e-3


def test_a_jump_leaves_no_noise_behind():
    signal = np.zeros(4000, np.float32)
    signal[100:] = 1000
    assert np.abs(chain().frames(signal)[0][-1]).max() < 1e-6


def test_edges_beyond_half_the_rate_are_refused():
    with pytest.raises(InputError, match="high_hz: is not below half the sampling rate"):
        chain(high_hz=50.0)


def test_equal_edges_are_refused():
    with pytest.raises(InputError, match="low_hz must be below high_hz"):
        chain(low_hz=30.0)


def test_a_filter_that_float32_cannot_hold_is_refused():
    with pytest.raises(InputError, match="too low for 10000 Hz, for float32") as caught:
        chain(rate_hz=10000.0, low_hz=0.05, order=4)
    assert "resample to a lower rate first" in str(caught.value)

"""Perturbed copies: repeatable, as loud as before, and each perturbation does what it says."""

import numpy as np
import pytest

from edgekit.data import perturb
from edgekit.data.base import Record
from edgekit.data.perturb import perturbed
from edgekit.errors import InputError

RATE = 16000.0
ALL = {"speed": 0.3, "tilt": 3.0, "reverberation": 1.0, "band": 1.0, "noise": 1.0}


def record(wave=None, name="a"):
    time = np.arange(16000) / RATE
    wave = 0.1 * np.sin(2 * np.pi * 500 * time) if wave is None else wave
    return Record("s", name, wave.astype(np.float32), RATE, "speech", {"voice": "low"})


def spectrum(signal):
    return np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 16000))


@pytest.mark.parametrize("name", [*ALL, "all"])
def test_copies_are_repeatable_finite_and_as_loud(name):
    strengths = ALL if name == "all" else {name: ALL[name]}
    one, again, other = (perturbed(record(), strengths, copy) for copy in (0, 0, 1))
    np.testing.assert_array_equal(one.signal, again.signal)
    assert len(one.signal) != len(other.signal) or not np.array_equal(one.signal, other.signal)
    assert np.isfinite(one.signal).all() and one.signal.dtype == np.float32
    assert one.signal.std() == pytest.approx(record().signal.std(), rel=0.05)
    assert (one.name, one.subject, one.tags) == ("a#0", "s", {"voice": "low"})


def test_speed_moves_pitch_and_length_together():
    factors = []
    for copy in range(12):
        made = perturbed(record(), {"speed": 0.25}, copy).signal
        factor = spectrum(made).argmax() / 500
        assert len(made) == pytest.approx(16000 / factor, rel=0.01)
        factors.append(factor)
    assert 0.79 < min(factors) < 0.95 and 1.05 < max(factors) < 1.26


def test_band_takes_lows_and_highs_and_noise_adds_between():
    white = record(0.1 * np.random.default_rng(0).standard_normal(16000))
    narrow = spectrum(perturbed(white, {"band": 1.0}, 0).signal)
    assert narrow[500:2500].mean() > 3 * max(narrow[:30].mean(), narrow[7500:].mean())
    noisy = spectrum(perturbed(record(), {"noise": 1.0}, 0).signal)
    assert np.median(noisy[1000:3000]) > 5 * np.median(spectrum(record().signal)[1000:3000])


def test_a_room_rings_on_and_shares_leave_some_alone():
    burst = np.zeros(16000)
    burst[:400] = 0.5
    made = perturbed(record(burst), {"reverberation": 1.0}, 0).signal
    assert np.abs(made[1000:2000]).max() > 1e-3
    same = [np.allclose(perturbed(record(), {"noise": 0.5}, i).signal, record().signal) for i in range(40)]
    assert 8 < sum(same) < 32


def test_silence_and_single_samples_pass_through():
    for wave in (np.zeros(100), np.ones(1)):
        assert np.isfinite(perturbed(record(wave), ALL, 0).signal).all()


def test_wrong_settings_are_refused_all_at_once():
    with pytest.raises(InputError) as caught:
        perturb.check({"sped": 0.1, "noise": 2.0})
    text = str(caught.value)
    assert "did you mean 'speed'" in text and "data.perturb.noise: out of range" in text

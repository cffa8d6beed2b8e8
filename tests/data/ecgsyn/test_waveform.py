from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from edgekit.data.ecgsyn import rhythm, waveform
from edgekit.data.ecgsyn.rhythm import Rhythm
from edgekit.data.ecgsyn.waveform import Wave

RATE = 360.0


def beats(times: list[float], mechanism: str = "sinus", origin: list[int] | None = None) -> Rhythm:
    at = np.asarray(times)
    rr = np.diff(at, prepend=at[0] - 0.8)
    kinds = np.zeros(at.size, np.int64) if origin is None else np.asarray(origin)
    return Rhythm(mechanism, 75.0, at, rr, kinds, 5.0, 0.25)


def averaged(label: str, mechanism: str, seed: int) -> np.ndarray:
    """The mean beat of a subject, from 0.3 s before to 0.5 s after the R peak, without the mean."""
    index = seed
    while True:
        rng = np.random.default_rng([9, index])
        found = rhythm.draw(label, 60.0, rng)
        if found.mechanism == mechanism and not found.origin.any():
            break
        index += 1000
    signal = waveform.render(found, waveform.draw(rng), 60.0, RATE, rng)
    at = np.rint(found.times[(found.times > 1) & (found.times < 59)] * RATE).astype(int)
    beat = signal[at[:, None] + np.arange(-108, 180)].mean(axis=0)
    return beat - np.median(beat)


def p_height(beat: np.ndarray) -> float:
    """How far the mean beat rises in the 0.22 to 0.09 s before the R peak, in millivolt."""
    part = beat[108 - 79 : 108 - 32]
    return float(part.max() - min(part[0], part[-1]))


def test_a_wave_is_a_gaussian_at_its_time_with_its_width():
    out = np.zeros(720)
    waveform._add(out, RATE, Wave(0.5, 0.1, 0.02), np.array([1.0]), np.array([0.8]), np.ones(1))
    t = np.arange(720) / RATE
    np.testing.assert_allclose(out, 0.5 * np.exp(-0.5 * ((t - 1.1) / 0.02) ** 2), atol=3e-5)


def test_p_and_t_stretch_with_the_square_root_of_the_interval_and_qrs_does_not():
    for power, place in ((0.5, 1 + 0.3 * 0.5), (0.0, 1.3)):
        out = np.zeros(720)
        waveform._add(out, RATE, Wave(1.0, 0.3, 0.02, power), np.array([1.0]), np.array([0.25]), np.ones(1))
        assert out.argmax() / RATE == pytest.approx(place, abs=0.002)


def test_waves_beyond_the_ends_are_cut_not_folded():
    out = np.zeros(360)
    at = np.array([-0.05, 1.05, 30.0])
    waveform._add(out, RATE, Wave(1.0, 0.0, 0.03), at, np.ones(3), np.ones(3))
    assert out[180] == 0
    assert out[0] == pytest.approx(np.exp(-0.5 * (0.05 / 0.03) ** 2))


@pytest.mark.parametrize("rate_hz", [100.0, 250.0, 360.0, 500.0])
def test_the_r_peak_lies_where_the_rhythm_has_it_at_any_rate(rate_hz):
    rng = np.random.default_rng(3)
    shape = replace(waveform.draw(rng), p=(), t=(), qrs=(Wave(1.0, 0.0, 0.012),))
    signal = waveform.render(beats([0.5, 1.3, 2.1]), shape, 2.5, rate_hz, rng)
    assert signal.size == round(2.5 * rate_hz)
    assert np.abs(signal).argmax() / rate_hz % 0.8 == pytest.approx(0.5, abs=1.5 / rate_hz)


def test_sinus_beats_have_a_p_wave():
    for seed in range(12):
        assert p_height(averaged("SR", "sinus", seed)) > 0.04


def test_fibrillation_and_reentry_have_none():
    for seed in range(12):
        for label, mechanism in (("AFIB", "fibrillation"), ("GSVT", "reentry")):
            beat = averaged(label, mechanism, seed)
            part = beat[108 - 58 : 108 - 36]  # what is left of T waves there falls, it does not peak
            bump = part[7:15].max() - max(part[0], part[-1])
            assert bump < 0.03


@pytest.mark.parametrize(("mechanism", "low", "high"), [("fibrillation", 4.0, 9.0), ("flutter", 3.9, 5.9)])
def test_atrial_waves_go_on_between_beats_at_their_own_rate(mechanism, low, high):
    t = np.arange(8640) / RATE
    for seed in range(20):
        rng = np.random.default_rng([10, seed])
        found = rhythm.draw("AFIB", 24.0, rng)
        if found.mechanism != mechanism:
            continue
        waves = waveform._atrial_waves(found, t, rng)
        power = np.abs(np.fft.rfft(waves)) ** 2
        f = np.fft.rfftfreq(t.size, 1 / RATE)
        assert low - 0.3 <= f[power.argmax()] <= high + 0.3
        assert 0.02 < np.ptp(waves) < 0.9


def test_flutter_waves_are_locked_to_the_beats():
    seen = 0
    for seed in range(40):
        rng = np.random.default_rng([11, seed])
        found = rhythm.draw("AFIB", 24.0, rng)
        if found.mechanism != "flutter" or found.origin.any():
            continue
        turns = (found.times - found.times[0]) * found.atrial_hz
        assert abs(turns - np.rint(turns)).max() < 0.2
        seen += 1
    assert seen >= 4


def test_a_ventricular_beat_is_wide_and_has_no_p_wave():
    shape = waveform.draw(np.random.default_rng(5))
    normal = np.abs(
        waveform.render(beats([1.0]), shape, 2.0, RATE, np.random.default_rng(0))[288:432]
    )  # 0.8 to 1.2 s
    odd = np.abs(
        waveform.render(beats([1.0], origin=[2]), shape, 2.0, RATE, np.random.default_rng(0))[288:432]
    )
    assert (odd > 0.5 * odd.max()).sum() > 2 * (normal > 0.5 * normal.max()).sum()
    before = waveform.render(beats([1.0], origin=[2]), shape, 2.0, RATE, np.random.default_rng(0))[270:310]
    assert np.abs(before).max() < 0.02


def test_subjects_differ_in_shape():
    shapes = [waveform.draw(np.random.default_rng(i)) for i in range(300)]
    r = np.array([shape.qrs[1].amplitude * shape.gain for shape in shapes])
    assert np.percentile(r, 90) > 2 * np.percentile(r, 10) > 0
    assert 0.02 < np.mean([len(shape.qrs) == 4 for shape in shapes]) < 0.15  # bundle branch block
    assert 0.04 < np.mean([shape.t[0].amplitude < 0 for shape in shapes]) < 0.25

from __future__ import annotations

import numpy as np
import pytest

from edgekit.data.ecgsyn import rhythm
from edgekit.data.ecgsyn.rhythm import CLASSES, SUPRAVENTRICULAR, VENTRICULAR_ECTOPIC, Rhythm

SECONDS = 60.0


def draws(label: str, count: int = 120) -> list[Rhythm]:
    return [rhythm.draw(label, SECONDS, np.random.default_rng([7, i])) for i in range(count)]


@pytest.fixture(scope="module")
def by_class() -> dict[str, list[Rhythm]]:
    return {label: draws(label) for label in CLASSES}


def undisturbed(found: Rhythm) -> np.ndarray:
    """Intervals between beats that are both no ectopic ones, and not the pause after one."""
    normal = found.origin == SUPRAVENTRICULAR
    return found.rr[1:][normal[1:] & normal[:-1]]


def variation(found: Rhythm) -> float:
    rr = undisturbed(found)
    return float(rr.std() / rr.mean())


@pytest.mark.parametrize("label", CLASSES)
def test_beats_cover_the_record_with_a_margin(by_class, label):
    for found in by_class[label]:
        assert found.times[0] < 0
        assert found.times[-1] > SECONDS
        np.testing.assert_allclose(np.diff(found.times), found.rr[1:])
        assert found.rr.min() >= 0.24 - 1e-9


def test_sinus_classes_are_told_apart_by_their_mean_rate(by_class):
    for label, low, high in (("SR", 60, 100), ("SBRAD", 36, 60), ("GSVT", 100, 230)):
        for found in by_class[label]:
            assert low <= found.rate_bpm <= high
            if not found.origin.any():
                mean = 60 / undisturbed(found).mean()
                assert mean == pytest.approx(found.rate_bpm, rel=0.04)


def test_sinus_rhythm_has_its_power_at_the_low_frequency_peak_and_at_breathing():
    for i in range(20):
        rng = np.random.default_rng([8, i])
        rr = rhythm._sinus_intervals(300.0, rng, 75.0, 0.04, 0.3)
        assert rr.mean() == pytest.approx(0.8, rel=0.02)
        assert rr.std() / rr.mean() == pytest.approx(0.04, rel=0.25)
        even = np.interp(np.arange(0, 290, 0.25), np.cumsum(rr), rr)
        power = np.abs(np.fft.rfft(even - even.mean())) ** 2
        f = np.fft.rfftfreq(even.size, 0.25)
        near = (abs(f - 0.1) < 0.05) | (abs(f - 0.3) < 0.05)
        assert power[near].sum() > 0.8 * power.sum()
        assert power[abs(f - 0.1) < 0.05].sum() > 0.05 * power.sum()
        assert power[abs(f - 0.3) < 0.05].sum() > 0.05 * power.sum()


def test_variability_falls_as_the_heart_beats_faster(by_class):
    sinus = [found for found in by_class["GSVT"] if found.mechanism == "sinus"]
    medians = [
        np.median([variation(found) for found in group if not found.origin.any()])
        for group in (by_class["SR"], sinus)
    ]
    assert medians[0] > 2 * medians[1]


def test_fibrillation_is_irregularly_irregular(by_class):
    fibrillating = [found for found in by_class["AFIB"] if found.mechanism == "fibrillation"]
    assert min(variation(found) for found in fibrillating if not found.origin.any()) > 0.10
    successive = []
    for found in fibrillating:
        if not found.origin.any():
            rr = found.rr - found.rr.mean()
            successive.append(float((rr[1:] * rr[:-1]).mean() / rr.var()))
    assert abs(np.mean(successive)) < 0.1  # one interval says nothing about the next
    assert all(4 <= found.atrial_hz <= 9 for found in fibrillating)


def test_flutter_conducts_whole_numbers_of_atrial_waves(by_class):
    flutter = [found for found in by_class["AFIB"] if found.mechanism == "flutter"]
    assert 0.2 < len(flutter) / len(by_class["AFIB"]) < 0.5
    ratios = set()
    for found in flutter:
        waves = undisturbed(found) * found.atrial_hz
        assert abs(waves - np.rint(waves)).max() < 0.25
        ratios |= set(np.rint(waves).astype(int).tolist())
    assert ratios == {2, 3, 4}


def test_two_to_one_flutter_lies_near_150(by_class):
    rates = [
        found.rate_bpm
        for found in by_class["AFIB"]
        if found.mechanism == "flutter" and abs(found.rate_bpm * 2 / 60 - found.atrial_hz) < 1e-6
    ]
    assert len(rates) > 5
    assert np.mean(rates) == pytest.approx(150, abs=8)


def test_supraventricular_tachycardia_is_fast_and_regular(by_class):
    reentry = [found for found in by_class["GSVT"] if found.mechanism == "reentry"]
    assert 0.25 < len(reentry) / len(by_class["GSVT"]) < 0.55
    for found in reentry:
        assert found.rate_bpm >= 120
        assert variation(found) < 0.03


@pytest.mark.parametrize("label", CLASSES)
def test_ectopic_beats_fall_in_every_class_but_not_in_every_subject(by_class, label):
    share = np.mean([bool(found.origin.any()) for found in by_class[label]])
    assert 0.1 < share < 0.7


def test_a_ventricular_beat_comes_early_and_is_followed_by_a_full_compensatory_pause():
    for i in range(60):
        base = np.full(40, 0.8)
        found = rhythm._with_ectopics("sinus", 75.0, base, 0.25, np.random.default_rng(i), atrial=False)
        at = np.flatnonzero(found.origin)
        assert (found.origin[at] == VENTRICULAR_ECTOPIC).all()
        assert (found.rr[at] < 0.8 * 0.9).all()
        np.testing.assert_allclose(found.rr[at] + found.rr[at + 1], 1.6)


def test_the_pause_after_an_atrial_beat_is_shorter():
    seen = 0
    for i in range(200):
        base = np.full(40, 0.8)
        found = rhythm._with_ectopics("sinus", 75.0, base, 0.25, np.random.default_rng(i))
        at = np.flatnonzero(found.origin == rhythm.ATRIAL_ECTOPIC)
        if at.size:
            seen += at.size
            assert (found.rr[at] + found.rr[at + 1]).mean() < 1.6
    assert seen > 50

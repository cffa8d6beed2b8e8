from __future__ import annotations

import time
from collections import Counter
from itertools import islice

import numpy as np
import pytest

from edgekit.data.base import REGISTRY
from edgekit.data.synthetic_ecg import SyntheticOptions, generate, labels
from edgekit.errors import InputError
from tests.data.reading import CLASSES, read


def test_records_are_one_per_subject_and_balanced():
    records, skipped = read("synthetic-ecg", None, subjects=40, seconds=8)
    assert [record.subject for record in records] == [f"synth-{i:05d}" for i in range(40)]
    assert Counter(record.label for record in records) == dict.fromkeys(CLASSES, 10)
    assert {(record.signal.size, record.rate_hz) for record in records} == {(2880, 360.0)}
    assert skipped == []


def test_a_subject_does_not_depend_on_how_many_there_are():
    few, _ = read("synthetic-ecg", None, subjects=5, seconds=8, seed=3)
    many, _ = read("synthetic-ecg", None, subjects=9, seconds=8, seed=3)
    for one, other in zip(few, many, strict=False):
        assert one.label == other.label
        np.testing.assert_array_equal(one.signal, other.signal)


def test_another_seed_gives_other_subjects():
    one, _ = read("synthetic-ecg", None, subjects=1, seconds=8, seed=0)
    other, _ = read("synthetic-ecg", None, subjects=1, seconds=8, seed=1)
    assert not np.array_equal(one[0].signal, other[0].signal)


def test_shares_hold_for_every_number_of_subjects():
    shares = {"SR": 5.0, "AFIB": 3.0, "GSVT": 2.0}
    given = list(islice(labels(CLASSES, shares), 1000))
    for total in (10, 100, 1000):
        assert Counter(given[:total]) == {"SR": total // 2, "AFIB": total * 3 // 10, "GSVT": total // 5}


def test_fewer_classes_share_all_subjects():
    records, _ = read("synthetic-ecg", None, ["AFIB", "SR"], subjects=6, seconds=8)
    assert [record.label for record in records] == ["AFIB", "SR"] * 3


def test_the_signal_to_noise_ratio_is_what_it_is_said_to_be():
    options = SyntheticOptions(seconds=24, snr_db=(0.0, 18.0))
    stated = []
    for index in range(40):
        made = generate(index, CLASSES[index % 4], options)
        added = made.record.signal - made.clean
        assert 10 * np.log10(made.clean.var() / added.var()) == pytest.approx(made.snr_db, abs=0.05)
        stated.append(made.snr_db)
    assert 0 <= min(stated) < 3 and 15 < max(stated) <= 18


def test_rates_of_frames_overlap_near_60_and_100():
    options = SyntheticOptions(seconds=24)
    rates: dict[str, list[float]] = {label: [] for label in CLASSES}
    for index in range(1200):
        made = generate(index, CLASSES[index % 4], options)
        inside = made.rhythm.times[(made.rhythm.times > 8) & (made.rhythm.times < 16)]
        rates[made.record.label].append(60 / float(np.diff(inside).mean()))
    assert min(rates["SR"]) < 60 < max(rates["SBRAD"])
    assert max(rates["SR"]) > 100
    assert min(rates["GSVT"]) < 103
    assert min(rates["AFIB"]) < 60 and max(rates["AFIB"]) > 140


def test_rr_statistics_alone_do_not_solve_it():
    linear_model = pytest.importorskip("sklearn.linear_model")
    preprocessing = pytest.importorskip("sklearn.preprocessing")
    options = SyntheticOptions(seconds=8)
    rows = []
    for index in range(1600):
        rr = generate(index, CLASSES[index % 4], options).rhythm.rr
        rr = rr[2 : 2 + max(3, int(8 / rr.mean()))]
        step = np.diff(rr)
        rows.append([rr.mean(), 1 / rr.mean(), rr.std(), rr.min(), rr.max(), np.sqrt((step**2).mean())])
    x = preprocessing.StandardScaler().fit_transform(rows)
    y = np.arange(1600) % 4
    fitted = linear_model.LogisticRegression(max_iter=1000).fit(x[:800], y[:800])
    assert 0.70 < fitted.score(x[800:], y[800:]) < 0.91  # with the true beats; networks reach 0.95


def test_it_is_fast():
    options = SyntheticOptions(seconds=24)
    start = time.process_time()
    for index in range(40):
        generate(index, CLASSES[index % 4], options)
    assert (time.process_time() - start) / 40 < 0.03  # 2000 subjects in well under a minute


@pytest.mark.parametrize("rate_hz", [100, 250, 500])
def test_other_rates_and_lengths(rate_hz):
    records, _ = read("synthetic-ecg", None, subjects=4, seconds=5, rate_hz=rate_hz)
    assert {record.signal.size for record in records} == {5 * rate_hz}


def test_what_cannot_be_made_is_refused_all_at_once():
    dataset = REGISTRY.get("synthetic-ecg")
    options = dataset.parse({"shares": {"SR": 1.0, "VT": -1.0}})
    with pytest.raises(InputError) as error:
        list(dataset.records(options, None, ["SR", "AFBI"], []))
    assert len(error.value.problems) == 3
    assert "did you mean 'AFIB'?" in str(error.value)


@pytest.mark.parametrize("bad", [{"subjects": 0}, {"seconds": 1}, {"rate_hz": 1e9}, {"snr_db": (18, 0)}])
def test_options_out_of_range_are_refused(bad):
    with pytest.raises(InputError):
        REGISTRY.get("synthetic-ecg").parse(bad)

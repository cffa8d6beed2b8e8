"""Recordings with rhythm marks: Holter (CPSC 2021, AFDB) and MIT-BIH."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("wfdb")

from edgekit.data.base import REGISTRY
from edgekit.data.rhythm_marks import Stretch, stretches
from edgekit.errors import InputError
from tests.data.reading import read
from tests.data.wfdb_writer import annotate, ecg, write


def beats(per_minute: float, start: int, stop: int, rate_hz: int = 100) -> list[int]:
    return [round(at) for at in np.arange(start + 10, stop, 60 * rate_hz / per_minute)]


def labels(records) -> list[tuple[str, str]]:
    return [(record.name, record.label) for record in records]


def test_stretches_lie_between_the_marks() -> None:
    marks = [(10, "(N"), (50, "(AFIB"), (70, "(AFIB"), (90, "(N")]
    assert stretches(marks, 100) == [Stretch(10, 50, "(N"), Stretch(50, 90, "(AFIB"), Stretch(90, 100, "(N")]
    assert stretches(marks, 100, "(N")[0] == Stretch(0, 50, "(N")
    assert stretches([], 100) == []
    assert stretches([], 100, "(N") == [Stretch(0, 100, "(N")]
    assert stretches([(100, "(N")], 100) == []


@given(
    st.lists(st.tuples(st.integers(0, 120), st.sampled_from(["(N", "(AFIB", "(AFL"])), max_size=12),
    st.sampled_from(["", "(N"]),
)
def test_stretches_do_not_overlap_and_carry_the_mark_in_force(marks, initial) -> None:
    marks.sort(key=lambda mark: mark[0])
    found = stretches(marks, 100, initial)
    for before, after in pairwise(found):
        assert before.stop == after.start
        assert before.mark != after.mark
    for stretch in found:
        assert 0 <= stretch.start < stretch.stop <= 100
        in_force = [mark for at, mark in marks if at <= stretch.start] or [initial]
        assert stretch.mark == in_force[-1]


def test_each_stretch_is_a_record_of_its_patient(tmp_path) -> None:
    header = write(tmp_path, "data_7_1", samples=10_000, comments=["paroxysmal atrial fibrillation"])
    annotate(tmp_path, "data_7_1", {2000: "(AFIB", 5000: "(AFL", 5500: "(N", 8000: "(J"})
    records, skipped = read("holter", tmp_path)
    assert labels(records) == [
        ("data_7_1[0:2000]", "SR"),
        ("data_7_1[2000:5000]", "AFIB"),
        ("data_7_1[5500:8000]", "SR"),
    ]
    assert {record.subject for record in records} == {"data_7"}
    np.testing.assert_allclose(records[1].signal, ecg(10_000)[2000:5000, 1], atol=1e-4)
    assert [problem.what for problem in skipped] == [
        "1 sound stretch(es) carry no wanted label: (J 1",
        "1 stretch(es) are shorter than min_seconds = 10",
    ]
    assert header.is_file()


@pytest.mark.parametrize(
    ("comment", "label"),
    [("non atrial fibrillation", "SR"), ("persistent atrial fibrillation", "AFIB"), ("some remark", None)],
)
def test_a_recording_without_marks_is_what_its_header_says(tmp_path, comment, label) -> None:
    write(tmp_path, "data_1_1", samples=2000, comments=[comment])
    annotate(tmp_path, "data_1_1", {}, beats(75, 0, 2000))
    records, skipped = read("holter", tmp_path)
    assert labels(records) == ([("data_1_1[0:2000]", label)] if label else [])
    assert len(skipped) == 0 if label else 1


def test_long_stretches_are_cut_and_short_remainders_left_out(tmp_path) -> None:
    write(tmp_path, "04015", samples=15_500)
    annotate(tmp_path, "04015", {0: "(AFIB"})
    names = [record.name for record in read("holter", tmp_path)[0]]
    assert names == ["04015[0:6000]", "04015[6000:12000]", "04015[12000:15500]"]
    names = [record.name for record in read("holter", tmp_path, max_seconds=50, min_seconds=10)[0]]
    assert names == ["04015[0:5000]", "04015[5000:10000]", "04015[10000:15000]"]
    assert labels(read("holter", tmp_path, max_seconds=0)[0]) == [("04015[0:15500]", "AFIB")]
    with pytest.raises(InputError, match="max_seconds is less than min_seconds"):
        REGISTRY.get("holter").parse({"max_seconds": 5})


@pytest.mark.parametrize(("per_minute", "label"), [(50, "SBRAD"), (75, "SR"), (130, "GSVT")])
@pytest.mark.parametrize("extension", ["atr", "qrs"])
def test_sinus_rhythm_is_divided_by_its_rate(tmp_path, per_minute, label, extension) -> None:
    write(tmp_path, "100", samples=4000)
    there = beats(per_minute, 0, 4000)
    annotate(tmp_path, "100", {0: "(N"}, there if extension == "atr" else ())
    if extension == "qrs":
        annotate(tmp_path, "100", {}, there, "qrs")
    assert [record.label for record in read("mitdb", tmp_path)[0]] == [label]
    assert [record.label for record in read("mitdb", tmp_path, sinus_by_rate=False)[0]] == ["SR"]


def test_fibrillation_is_not_divided_by_its_rate(tmp_path) -> None:
    write(tmp_path, "201", samples=4000)
    annotate(tmp_path, "201", {0: "(AFIB"}, beats(130, 0, 4000))
    assert [record.label for record in read("mitdb", tmp_path)[0]] == ["AFIB"]


def test_mit_bih_marks_and_its_47_subjects(tmp_path) -> None:
    for name in ("201", "202", "203"):
        write(tmp_path, name, samples=6000, leads=("V1", "MLII"))
        annotate(tmp_path, name, {0: "(SBR", 1500: "(SVTA", 3000: "(VT", 4500: "(AFL"})
    records, (others,) = read("mitdb", tmp_path)
    assert [record.label for record in records] == ["SBRAD", "GSVT", "AFIB"] * 3
    assert [record.subject for record in records[::3]] == ["201", "201", "203"]
    assert all(abs(record.signal.mean() - 1) < 0.1 for record in records)  # MLII lies about 1 mV higher
    assert others.what == "3 sound stretch(es) carry no wanted label: (VT 3"


def test_damage_is_named_and_does_not_stop_the_others(tmp_path) -> None:
    for name in ("data_1_1", "data_2_1", "data_3_1", "data_4_1", "data_5_1"):
        signal = ecg(4000)
        if name == "data_5_1":
            signal[2500:3000] = np.nan
        write(tmp_path, name, signal=signal)
        annotate(tmp_path, name, {0: "(AFIB", 2000: "(AFL"})
    (tmp_path / "data_1_1.atr").unlink()
    (tmp_path / "data_2_1.dat").write_bytes(b"half")
    annotate(tmp_path, "data_3_1", {0: "(AFIB", 9000: "(N"})
    records, skipped = read("holter", tmp_path)
    assert {record.subject for record in records} == {"data_4", "data_5"}
    assert len(records) == 3
    faults = [(problem.where.rpartition("/")[2], problem.what) for problem in skipped]
    assert faults == [
        ("data_1_1.atr", "the annotation file is missing"),
        ("data_2_1.dat", "is cut"),
        ("data_3_1.atr", "has marks outside the recording"),
        ("data_5_1.dat[2000:4000]", "lead II holds 500 non-finite of 2000 samples"),
    ]


def test_real_holter_recordings(shared_data) -> None:
    records, skipped = read("holter", shared_data / "ecg" / "cpsc2021")
    counts = Counter((record.subject, record.label) for record in records)
    assert counts == {("data_21", "SR"): 20, ("data_8", "AFIB"): 10, ("data_84", "AFIB"): 19}
    assert all(record.rate_hz == 200 for record in records)
    assert [problem.what[:1] for problem in skipped] == ["6"]  # the marks on the last sample
    assert sum(record.signal.size for record in records) > 0.95 * 545_000


def test_real_recording_of_mit_bih(shared_data) -> None:
    (record,), skipped = read("mitdb", shared_data / "ecg" / "mitdb", max_seconds=0)
    assert (record.label, record.subject, record.name) == ("SR", "100", "100[18:650000]")
    assert skipped == []
    np.testing.assert_allclose(record.signal[:2], [-0.145, -0.12], atol=0.06)

"""Records with SNOMED CT codes: LSAD, Georgia, and PTB-XL in the form of CinC 2021."""

from collections import Counter

import pytest

pytest.importorskip("wfdb")

from tests.data.reading import read
from tests.data.wfdb_writer import write

SR, SBRAD, STACH, AFIB, AFL, SVT = (
    "426783006", "426177001", "427084000", "164889003", "164890007", "426761007",
)  # fmt: skip
OTHER = "59118001"  # right bundle branch block


@pytest.mark.parametrize(
    ("line", "label"),
    [
        (f"Dx: {SR}", "SR"),
        (f"Dx: {OTHER},{SBRAD}", "SBRAD"),
        (f"Dx: {STACH}", "GSVT"),
        (f"Dx: {SVT}", "GSVT"),
        (f"Dx: {AFIB}", "AFIB"),
        (f"Dx:{AFL}", "AFIB"),
        (f" Dx: {SR} , {STACH}", "GSVT"),
        (f"Dx: {SBRAD},{SR}", "SBRAD"),
        (f"Dx: {STACH},{AFIB}", "AFIB"),
    ],
)
def test_the_strongest_code_gives_the_class(tmp_path, line, label) -> None:
    write(tmp_path / "WFDBRecords" / "01" / "010", "JS00001", comments=["Age: 50", line])
    (record,), skipped = read("lsad", tmp_path)
    assert (record.label, record.subject, record.name) == (label, "JS00001", "JS00001")
    assert skipped == []


def test_damaged_records_are_named_and_other_rhythms_are_counted(tmp_path) -> None:
    for number in range(6):
        write(tmp_path, f"JS0000{number}", comments=[f"Dx: {OTHER if number < 2 else SR}"])
    write(tmp_path, "JS00007", comments=["Age: 50"])
    write(tmp_path, "JS00008", comments=[f"Dx: {AFIB}"])
    (tmp_path / "JS00003.dat").write_bytes(b"")
    (tmp_path / "JS00004.hea").write_bytes(b"\xff\x00")
    records, skipped = read("lsad", tmp_path, ["SR", "SBRAD"])
    assert [record.name for record in records] == ["JS00002", "JS00005"]
    assert [(problem.where.rpartition("/")[2], problem.what) for problem in skipped[:3]] == [
        ("JS00003.dat", "is cut"),
        ("JS00004.hea", "is not a readable header"),
        ("JS00007.hea", "has no diagnosis line"),
    ]
    assert skipped[3].what == "3 sound record(s) carry no wanted label: other rhythms 2, AFIB 1"
    assert len(skipped) == 4


def test_lead_merge_and_names_can_be_chosen(tmp_path) -> None:
    write(tmp_path, "E00001", comments=[f"Dx: {AFL}"])
    merge = {"flutter": ["AFL"], "sinus": ["SR"]}
    (second,), _ = read("lsad", tmp_path, ["flutter"], pattern="E*", merge=merge)
    (first,), _ = read("lsad", tmp_path, ["flutter"], pattern="E*", merge=merge, lead="I")
    assert second.label == "flutter"
    assert abs(second.signal.mean() - 1) < 0.1 > abs(first.signal.mean())  # lead II is about 1 mV higher
    records, (problem,) = read("lsad", tmp_path, pattern="E*", lead="V6")
    assert records == []
    assert "has no lead 'V6'" in problem.what


def test_real_records_of_lsad(shared_data) -> None:
    records, (others,) = read("lsad", shared_data / "ecg" / "cinc2021")
    assert Counter(record.label for record in records) == {"GSVT": 9, "SBRAD": 1}
    assert {(record.signal.size, record.rate_hz) for record in records} == {(5000, 500.0)}
    assert "2 sound record(s)" in others.what
    assert all(0.02 < record.signal.std() < 2 for record in records)


def test_real_records_of_georgia(shared_data) -> None:
    records, (others,) = read("lsad", shared_data / "ecg" / "cinc2021", pattern="E*")
    assert Counter(record.label for record in records) == {"GSVT": 4, "SBRAD": 3, "SR": 2}
    assert "3 sound record(s)" in others.what


def test_real_records_cut_on_the_way_are_named(shared_data, tmp_path) -> None:
    source = shared_data / "ecg" / "cinc2021"
    for name in ("JS20000", "JS20001"):
        (tmp_path / f"{name}.hea").write_bytes((source / f"{name}.hea").read_bytes())
        whole = (source / f"{name}.mat").read_bytes()
        (tmp_path / f"{name}.mat").write_bytes(whole if name == "JS20000" else whole[:60_000])
    (record,), (problem,) = read("lsad", tmp_path)
    assert record.name == "JS20000"
    assert problem.where.endswith("JS20001.mat")
    assert (problem.expected, problem.found) == ("120024 bytes", "60000")

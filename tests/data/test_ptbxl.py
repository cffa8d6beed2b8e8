"""PTB-XL with its table, and in the form of CinC 2021."""

from collections import Counter

import pytest

pytest.importorskip("wfdb")

from edgekit.errors import InputError
from tests.data.reading import read
from tests.data.wfdb_writer import write

HEAD = "ecg_id,patient_id,age,scp_codes,filename_lr,filename_hr\n"


def row(number: int, patient: str, codes: str) -> str:
    names = f"records100/00000/{number:05d}_lr,records500/00000/{number:05d}_hr"
    return f'{number},{patient},60,"{codes}",{names}\n'


@pytest.fixture
def tree(tmp_path):
    rows = [
        row(1, "15709.0", "{'NORM': 100.0, 'SR': 0.0}"),
        row(2, "15709.0", "{'SBRAD': 0.0}"),
        row(3, "13243.0", "{'AFLT': 0.0, 'SR': 0.0}"),
        row(4, "20372.0", "{'PSVT': 0.0}"),
        row(5, "17014.0", "{'PACE': 0.0}"),
    ]
    (tmp_path / "ptbxl_database.csv").write_text(HEAD + "".join(rows))
    for number in range(1, 6):
        write(tmp_path / "records500" / "00000", f"{number:05d}_hr", 500, 5000)
        write(tmp_path / "records100" / "00000", f"{number:05d}_lr", 100, 1000)
    return tmp_path


@pytest.mark.parametrize(("rate_hz", "suffix"), [(500, "_hr"), (100, "_lr")])
def test_the_table_gives_rhythm_and_patient(tree, rate_hz, suffix) -> None:
    records, (others,) = read("ptbxl", tree, rate_hz=rate_hz)
    assert [(record.subject, record.name, record.label) for record in records] == [
        ("15709", f"00001{suffix}", "SR"),
        ("15709", f"00002{suffix}", "SBRAD"),
        ("13243", f"00003{suffix}", "AFIB"),
        ("20372", f"00004{suffix}", "GSVT"),
    ]
    assert {(record.rate_hz, record.signal.size) for record in records} == {(rate_hz, 10 * rate_hz)}
    assert others.what == "1 sound record(s) carry no wanted label: other rhythms 1"


def test_bad_rows_are_named_and_absent_records_counted(tree) -> None:
    table = tree / "ptbxl_database.csv"
    (tree / "records500/00000/00002_hr.dat").write_bytes(b"")
    with table.open("a") as file:
        file.write("6,77,60,{'SR': 0.0},records100/00000/00006_lr,../../secret\n")
        file.write("7,,60,{'SR': 0.0},records100/00000/00007_lr,records500/00000/00001_hr\n")
        file.write(row(8, "5.0", "{'SR': 0.0}") + row(9, "6.0", "{'SR': 0.0}"))
    records, skipped = read("ptbxl", tree)
    assert [record.name for record in records] == ["00001_hr", "00003_hr", "00004_hr"]
    assert [problem.where.rpartition("/")[2] for problem in skipped] == [
        "ptbxl_database.csv:7",
        "ptbxl_database.csv:8",
        "ptbxl_database.csv",
        "00002_hr.dat",
        tree.name,
    ]
    assert skipped[2].what.startswith("2 of 7 rows have no recording in this folder: records500/00000/00008")


@pytest.mark.parametrize(
    ("text", "said"), [("", "lacks columns"), ("a,b\n1,2\n", "lacks columns"), (HEAD, "has no usable row")]
)
def test_another_table_is_refused(tmp_path, text, said) -> None:
    (tmp_path / "ptbxl_database.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        read("ptbxl", tmp_path)


def test_real_records_in_the_form_of_cinc_2021(shared_data) -> None:
    records, skipped = read("ptbxl", shared_data / "ecg" / "cinc2021")
    assert Counter(record.label for record in records) == {"SR": 4, "SBRAD": 1, "GSVT": 1}
    assert [record.subject for record in records] == [record.name for record in records]
    assert skipped == []

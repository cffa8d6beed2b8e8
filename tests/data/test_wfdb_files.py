"""One lead of a WFDB record, and what is said of damaged ones."""

import numpy as np
import pytest

pytest.importorskip("wfdb")

from edgekit.data.wfdb_files import pick_lead, read_annotations, read_header, read_lead
from edgekit.errors import InputError
from tests.data.wfdb_writer import annotate, ecg, write


def fault(path, lead: str = "") -> str:
    with pytest.raises(InputError) as raised:
        header = read_header(path)
        read_lead(header, pick_lead(header, lead))
    assert str(path.with_suffix("")) in str(raised.value)
    return str(raised.value)


def test_reads_a_lead_and_a_part_of_it(tmp_path) -> None:
    header = read_header(write(tmp_path, "a", rate_hz=250, comments=["Age: 7", "Dx: 1"]))
    assert (header.name, header.rate_hz, header.samples) == ("a", 250.0, 1000)
    assert (list(header.leads), list(header.comments)) == (["I", "II"], ["Age: 7", "Dx: 1"])
    whole = read_lead(header, 1)
    assert whole.dtype == np.float32
    np.testing.assert_allclose(whole, ecg(1000)[:, 1], atol=1e-4)
    np.testing.assert_array_equal(read_lead(header, 1, 100, 350), whole[100:350])


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1.0), ("mv", 1.0), ("uV", 1e-3), ("V", 1e3)])
def test_every_unit_becomes_millivolt(tmp_path, unit, factor) -> None:
    header = read_header(write(tmp_path, "a", unit=unit))
    np.testing.assert_allclose(read_lead(header, 0), factor * ecg(1000)[:, 0], atol=1e-4 * factor)


@pytest.mark.parametrize(
    ("leads", "wanted", "position"),
    [
        (("I", "II"), "", 1),
        (("V5", "MLII"), "", 1),
        (("V1", "I"), "", 1),
        (("ECG1", "ECG2"), "", 0),
        (("I", "II"), "i", 0),
    ],
)
def test_lead_ii_is_the_default_and_any_can_be_named(tmp_path, leads, wanted, position) -> None:
    assert pick_lead(read_header(write(tmp_path, "a", leads=leads)), wanted) == position


def test_a_lead_that_is_not_there_is_named_beside_those_that_are(tmp_path) -> None:
    said = fault(write(tmp_path, "a"), "V9")
    assert "has no lead 'V9'" in said
    assert "I, II" in said


def edit(path, old: str, new: str):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def damage(kind: str, header):
    data = header.with_suffix(".dat")
    match kind:
        case "no header":
            header.unlink()
        case "empty header":
            header.write_text("")
        case "endless header":
            header.write_bytes(b"#" * 70_000)
        case "binary header":
            header.write_bytes(bytes(range(256)))
        case "header cut after its first line":
            header.write_text(header.read_text().splitlines()[0] + "\n")
        case "header cut within the leads":
            header.write_text("\n".join(header.read_text().splitlines()[:2]) + "\n")
        case "no length":
            edit(header, "a 2 100 1000", "a 2 100")
        case "length too great":
            edit(header, "a 2 100 1000", "a 2 100 1000000000000")
        case "zero rate":
            edit(header, "a 2 100 1000", "a 2 0 1000")
        case "no signals":
            edit(header, "a 2 100 1000", "a 0 100 1000")
        case "unknown format":
            edit(header, "a.dat 16 ", "a.dat 4711 ")
        case "unknown unit":
            edit(header, "/mV", "/parsec")
        case "another folder":
            edit(header, "a.dat", "../a.dat")
        case "no file":
            edit(header, "a.dat", "~")
        case "no data":
            data.unlink()
        case "empty data":
            data.write_bytes(b"")
        case "half the data":
            data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
        case "one byte less":
            data.write_bytes(data.read_bytes()[:-1])
        case "non-finite":
            data.write_bytes(b"\x00\x80" * 100 + data.read_bytes()[200:])
        case "flat":
            data.write_bytes(b"\x01\x00" * 2000)


DAMAGES = {
    "no header": "no such header",
    "empty header": "is no header",
    "endless header": "is no header",
    "binary header": "not a readable header",
    "header cut after its first line": "does not describe all its signals",
    "header cut within the leads": "does not describe all its signals",
    "no length": "states no length",
    "length too great": "is cut",
    "zero rate": "states no sampling rate",
    "no signals": "describes no signal",
    "unknown format": "4711",
    "unknown unit": "unknown unit",
    "another folder": "not a readable header",
    "no file": "outside its folder",
    "no data": "signal file is missing",
    "empty data": "is cut",
    "half the data": "is cut",
    "one byte less": "is cut",
    "non-finite": "50 non-finite of 1000 samples",
    "flat": "is flat",
}


@pytest.mark.parametrize(("kind", "said"), DAMAGES.items())
def test_every_kind_of_damage_is_named(tmp_path, kind, said) -> None:
    header = write(tmp_path, "a")
    damage(kind, header)
    assert said in fault(header)


def test_a_cut_annotation_file_is_named(tmp_path) -> None:
    write(tmp_path, "a")
    path = annotate(tmp_path, "a", {10: "(N", 500: "(AFIB"}, beats=range(50, 950, 80))
    assert [note for note in read_annotations(path).aux_note if note.startswith("(")] == ["(N", "(AFIB"]
    whole = path.read_bytes()
    for size in (0, 1, len(whole) // 2, len(whole) - 2):
        path.write_bytes(whole[:size])
        with pytest.raises(InputError, match="is cut"):
            read_annotations(path)
    path.unlink()
    with pytest.raises(InputError, match="missing"):
        read_annotations(path)

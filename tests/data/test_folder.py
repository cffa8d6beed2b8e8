"""The user's own CSV and NPZ files."""

import zipfile

import numpy as np
import pytest

from tests.data.reading import read

SIGNAL = np.sin(np.arange(300) / 7)


def csv(path, text: str = "", rate: str = "# rate_hz: 250\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(rate + (text or "\n".join(map(str, SIGNAL)) + "\n"))
    return path


def npz(path, **arrays):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)
    return path


def test_folders_are_classes_and_names_begin_with_the_subject(tmp_path) -> None:
    csv(tmp_path / "up" / "anna_1.csv")
    npz(tmp_path / "up" / "bert_2_x.npz", signal=SIGNAL.astype(np.float32), rate_hz=100)
    npz(tmp_path / "down" / "anna.npz", signal=np.arange(9, dtype=np.int16), rate_hz=50.0)
    csv(tmp_path / "sideways" / "carl.csv")
    (tmp_path / "up" / "notes.txt").write_text("not a recording")
    records, (others,) = read("folder", tmp_path, ["up", "down"])
    assert [(record.subject, record.name, record.label, record.rate_hz) for record in records] == [
        ("anna", "down/anna.npz", "down", 50.0),
        ("anna", "up/anna_1.csv", "up", 250.0),
        ("bert", "up/bert_2_x.npz", "up", 100.0),
    ]
    np.testing.assert_allclose(records[1].signal, SIGNAL, rtol=1e-6)
    np.testing.assert_array_equal(records[0].signal, np.arange(9))
    assert others.what == "1 sound record(s) carry no wanted label: sideways 1"


@pytest.mark.parametrize(
    ("text", "column", "first"),
    [
        ("1,2\n3,4\n", "", [1, 3]),
        ("x,y\n1,2\n3,4\n", "", [1, 3]),
        ("x, y\n1,2\n3,4\n", "y", [2, 4]),
        ("\ufeffx,y\r\n1,2\r\n\r\n3,4\r\n", "y", [2, 4]),
        ("# a remark\n1.5\n-2e3\n", "", [1.5, -2000]),
    ],
)
def test_columns_of_csv(tmp_path, text, column, first) -> None:
    path = tmp_path / "a" / "s_1.csv"
    path.parent.mkdir()
    path.write_bytes(text.encode())
    (record,), skipped = read("folder", tmp_path, ["a"], rate_hz=10, column=column)
    assert record.signal.tolist() == first
    assert record.rate_hz == 10
    assert skipped == []


def test_the_file_goes_before_the_option(tmp_path) -> None:
    csv(tmp_path / "a" / "s_1.csv", rate="# patient 7, rate_hz = 125.5\n")
    csv(tmp_path / "a" / "s_2.csv", rate="")
    assert [record.rate_hz for record in read("folder", tmp_path, ["a"], rate_hz=10)[0]] == [125.5, 10]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the signal is empty"),
        ("x\n", "the signal is empty"),
        ("1\n1\n1\n", "the signal is flat"),
        ("1\nnan\n3\n", "1 non-finite of 3"),
        ("1\ninf\n3\n", "1 non-finite of 3"),
        ("1\n1e300\n3\n", "1 non-finite of 3"),
        ("1\n2\nthree\n", "s.csv:3: is no row of numbers"),
        ("1\n2\n3", ""),
        ("\x00\x01", "empty"),
    ],
)
def test_damaged_csv_is_named(tmp_path, text, said) -> None:
    path = tmp_path / "a" / "s.csv"
    path.parent.mkdir()
    path.write_text(text)
    records, skipped = read("folder", tmp_path, ["a"], rate_hz=10)
    assert len(records) == (said == "")
    assert len(skipped) == (said != "")
    assert said in "".join(map(str, skipped))


def test_damaged_npz_is_named(tmp_path) -> None:
    a = tmp_path / "a"
    whole = npz(a / "cut.npz", signal=SIGNAL, rate_hz=10).read_bytes()
    (a / "cut.npz").write_bytes(whole[:-40])
    (a / "empty.npz").write_bytes(b"")
    npz(a / "none.npz", other=SIGNAL)
    npz(a / "norate.npz", signal=SIGNAL)
    npz(a / "object.npz", signal=np.array([{}], object), rate_hz=10)
    npz(a / "text.npz", signal=np.array(["x"]), rate_hz=10)
    npz(a / "two.npz", signal=np.ones((2, 3)), rate_hz=10)
    records, skipped = read("folder", tmp_path, ["a"])
    assert records == []
    said = {problem.where.rpartition("/")[2]: str(problem) for problem in skipped}
    assert list(said) == [
        "cut.npz", "empty.npz", "none.npz", "norate.npz", "object.npz", "text.npz", "two.npz",
    ]  # fmt: skip
    assert "cannot be read" in said["cut.npz"]
    assert "cannot be read" in said["empty.npz"]
    assert "no such array" in said["none.npz"]
    assert "sampling rate" in said["norate.npz"]
    assert "allow_pickle=False" in said["object.npz"]
    assert "<U1 [1]" in said["text.npz"]
    assert "float64 [2, 3]" in said["two.npz"]


def test_a_column_that_is_not_there_is_named_beside_those_that_are(tmp_path) -> None:
    csv(tmp_path / "a" / "s_1.csv", "x,y\n1,2\n")
    records, (problem,) = read("folder", tmp_path, ["a"], column="z")
    assert records == []
    assert (problem.expected, problem.found) == ("z", "x, y")


def test_what_would_unpack_to_gigabytes_is_refused_before(tmp_path) -> None:
    path = tmp_path / "a" / "s.npz"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("signal.npy", b"small")
    whole = path.read_bytes()
    sizes = (5).to_bytes(4, "little") * 2  # compressed and unpacked, in the directory at the end
    at = whole.rindex(sizes)
    path.write_bytes(whole[: at + 4] + (2 << 30).to_bytes(4, "little") + whole[at + 8 :])
    records, (problem,) = read("folder", tmp_path, ["a"])
    assert records == []
    assert problem.what == "is too long"

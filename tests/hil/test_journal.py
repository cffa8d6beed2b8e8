"""Results survive the end of the process that received them."""

from __future__ import annotations

import errno
import os

import pytest

from edgekit.errors import EnvironmentFailed, InputError
from edgekit.hil.journal import Journal
from edgekit.hil.messages import Result

FACTS = {"model": "ab" * 32, "vectors": "cd" * 32}


def result(number: int) -> Result:
    return Result(number, 0, 7 * number, 1000 + number, 0, bytes([number, 2, 3]))


def journal(path, resume: bool = False, facts=FACTS) -> Journal:
    return Journal(path, facts, 3, resume=resume)


def filled(path, count: int = 5) -> None:
    made = journal(path)
    for number in range(count):
        made.add(result(number))
    made.close()


def test_what_was_added_is_there_again(tmp_path):
    filled(tmp_path / "run")
    again = journal(tmp_path / "run", resume=True)
    assert again.results == {number: result(number) for number in range(5)}
    again.add(result(5))
    again.close()
    assert list(journal(tmp_path / "run", resume=True).results) == [0, 1, 2, 3, 4, 5]


def test_an_entry_cut_at_any_byte_is_dropped_and_written_over(tmp_path):
    path = tmp_path / "run"
    filled(path)
    whole = path.read_bytes()
    entry = (len(whole) - len(whole.split(b"\n", 1)[0]) - 1) // 5
    for cut in range(1, entry + 1):
        path.write_bytes(whole[:-cut])
        made = journal(path, resume=True)
        assert list(made.results) == [0, 1, 2, 3]
        made.add(result(4))
        made.close()
        assert path.read_bytes() == whole


def test_a_flipped_bit_ends_what_is_taken(tmp_path):
    path = tmp_path / "run"
    filled(path)
    whole = bytearray(path.read_bytes())
    header = whole.index(b"\n") + 1
    entry = (len(whole) - header) // 5
    for at in range(header + 2 * entry, header + 3 * entry):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        assert list(journal(path, resume=True).results) == [0, 1]


def test_without_resume_it_begins_anew(tmp_path):
    filled(tmp_path / "run")
    assert journal(tmp_path / "run").results == {}
    assert journal(tmp_path / "run", resume=True).results == {}


def test_another_run_or_no_run_is_refused(tmp_path):
    path = tmp_path / "run"
    with pytest.raises(InputError, match="no unfinished run"):
        journal(path, resume=True)
    filled(path)
    with pytest.raises(InputError, match="its vectors differs"):
        journal(path, resume=True, facts={**FACTS, "vectors": "00" * 32})
    filled(path)
    path.write_bytes(path.read_bytes().replace(b"{", b'{"further": 1, ', 1))
    with pytest.raises(InputError, match="its journal differs"):
        journal(path, resume=True)
    for nonsense in (b"", b"\n", b"{}\n", b"\xff" * 100, b"[" * 70000):
        path.write_bytes(nonsense)
        with pytest.raises(InputError, match="is no journal"):
            journal(path, resume=True)


def test_a_finished_run_leaves_nothing(tmp_path):
    made = journal(tmp_path / "hil" / "run")
    made.add(result(0))
    made.remove()
    assert list((tmp_path / "hil").iterdir()) == []


class Full:
    """A file on a disk that takes `room` more bytes."""

    def __init__(self, file, room: int) -> None:
        self.file, self.room = file, room

    def write(self, data: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self.file.write(data[: self.room])
        self.room -= written
        return written

    def __getattr__(self, name):
        return getattr(self.file, name)


@pytest.mark.parametrize("room", [0, 1, 20])
def test_a_full_disk_loses_nothing_that_was_confirmed(tmp_path, room):
    made = journal(tmp_path / "run")
    made.add(result(0))
    made._file = Full(made._file, room)
    with pytest.raises(EnvironmentFailed, match="No space left") as caught:
        made.add(result(1))
    assert "--resume" in str(caught.value)
    made.close()
    assert list(journal(tmp_path / "run", resume=True).results) == [0]

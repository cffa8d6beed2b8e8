"""Results on disk as they come, so that a run that was cut can go on.

A journal is one line of JSON that says what was run, and then entries: number u32, length u32, the record of
the result as the wire carries it, CRC-32 of all that. What is not whole at the end of the file was being
written when the process ended; it is dropped.
"""

from __future__ import annotations

import errno
import json
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from edgekit.errors import EnvironmentFailed, InputError, Problem
from edgekit.hil.messages import Result

MAGIC = "edgekit.results/1"
_ENTRY = struct.Struct("<II")
_CRC = struct.Struct("<I")
_MAX_HEADER = 1 << 16
_MAX_BYTES = 1 << 30


class Journal:
    """The results of one run so far.

    Args:
        path: The file.
        facts: What decides the results: hashes of model, firmware and vectors; as JSON values.
        output_bytes: Size of all outputs of one inference.
        resume: Whether to go on with what the file holds; else it is written anew.

    Attributes:
        results: By number, what is confirmed.

    Raises:
        InputError: There is nothing to resume, or it belongs to another run.
        EnvironmentFailed: The disk refused.
    """

    def __init__(self, path: Path, facts: Mapping[str, Any], output_bytes: int, *, resume: bool) -> None:
        self.path = path
        self.results: dict[int, Result] = {}
        header = json.dumps({"journal": MAGIC, **facts}, sort_keys=True).encode() + b"\n"
        end = self._read(header, output_bytes) if resume else 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: BinaryIO = path.open("r+b" if end else "wb", buffering=0)
            if end:
                self._file.truncate(end)
                self._file.seek(end)
            else:
                self._file.write(header)
        except OSError as error:
            raise self._refused(error) from error

    def add(self, result: Result) -> None:
        """Writes a result; when this returns it survives the end of the process.

        Raises:
            EnvironmentFailed: The disk refused; what was written before is kept.
        """
        record = result.pack()
        entry = _ENTRY.pack(result.number, len(record)) + record
        entry += _CRC.pack(zlib.crc32(entry))
        try:
            start = self._file.tell()
            if self._file.write(entry) != len(entry):
                self._file.truncate(start)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # it took a part
        except OSError as error:
            raise self._refused(error) from error
        self.results[result.number] = result

    def close(self) -> None:
        """Closes the file and keeps it."""
        self._file.close()

    def remove(self) -> None:
        """Closes the file and removes it: the run is complete."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _read(self, header: bytes, output_bytes: int) -> int:
        """Takes the whole entries and returns where they end."""
        try:
            if self.path.stat().st_size > _MAX_BYTES:
                raise InputError(where=str(self.path), what=f"is larger than {_MAX_BYTES} bytes")
            data = self.path.read_bytes()
        except FileNotFoundError as error:
            raise InputError(
                where=str(self.path),
                what="there is no unfinished run to resume",
                hint="leave --resume out: a run that ended has its record already",
            ) from error
        except OSError as error:
            raise self._refused(error) from error
        first = data[:_MAX_HEADER].split(b"\n", 1)[0] + b"\n"
        if first != header:
            raise self._foreign(first, header)
        at = len(header)
        while at + _ENTRY.size <= len(data):
            number, size = _ENTRY.unpack_from(data, at)
            end = at + _ENTRY.size + size
            if size < Result.LAYOUT.size + output_bytes or end + _CRC.size > len(data):
                break
            if _CRC.unpack_from(data, end)[0] != zlib.crc32(data[at:end]):
                break
            self.results[number] = Result.unpack(number, data[at + _ENTRY.size : end], output_bytes)
            at = end + _CRC.size
        return at

    def _foreign(self, first: bytes, header: bytes) -> InputError:
        mine = json.loads(header)
        try:
            found = json.loads(first)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("journal") != MAGIC:
            return InputError(where=str(self.path), what="is no journal of results")
        differing = [key for key in mine if found.get(key) != mine[key]]
        return InputError(
            Problem(
                str(self.path),
                f"belongs to another run: its {key} differs",
                expected=str(mine[key])[:80],
                found=str(found.get(key))[:80],
                hint="run without --resume to begin anew",
            )
            for key in differing or ["journal"]  # keys that this version does not know
        )

    def _refused(self, error: OSError) -> EnvironmentFailed:
        return EnvironmentFailed(
            where=str(self.path),
            what=f"the results cannot be written: {error.strerror or error}",
            hint="make room, then go on with --resume: what is confirmed is kept",
        )

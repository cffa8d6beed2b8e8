"""Bounds-checked access to a flatbuffer that nobody vouches for.

Every offset, vtable, vector and string is checked against the file before it is used, nothing
recurses on file data, and the number of tables and bytes visited is bounded, so that neither a
cycle nor many references to one place can make reading slow or large. Format:
https://flatbuffers.dev/internals/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from edgekit.errors import InputError

MAX_TABLES = 50_000
_SPARE_BYTES = 1 << 16

_STRUCTS = {code: struct.Struct("<" + code) for code in "bBhHiIqQf?"}


class Flatbuffer:
    """The bytes of a file and how much more of it may be visited.

    Args:
        data: The whole file.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._tables_left = MAX_TABLES
        self._bytes_left = 4 * len(data) + _SPARE_BYTES

    def root(self, identifier: bytes, where: str) -> Table:
        """Returns the root table.

        Args:
            identifier: The four bytes that name the file type.
            where: Name of the table for messages.

        Raises:
            InputError: The file is too short, of another type, or its root lies outside.
        """
        if len(self.data) < 8:
            raise damaged(where, "the file is cut off", f"{len(self.data)} bytes")
        if self.data[4:8] != identifier:
            raise InputError(
                where=where,
                what="is not a .tflite file",
                expected=f"identifier {identifier!r} at byte 4",
                found=repr(self.data[4:8]),
            )
        return self.table_at(self.follow(0, where), where)

    def read(self, code: str, position: int, where: str) -> Any:
        """Returns the scalar of struct code `code` at `position`."""
        kind = _STRUCTS[code]
        if position < 0 or position + kind.size > len(self.data):
            raise damaged(where, f"byte {position} lies outside the file", f"{len(self.data)} bytes")
        return kind.unpack_from(self.data, position)[0]

    def follow(self, position: int, where: str) -> int:
        """Returns where the offset that is stored at `position` leads."""
        offset = self.read("I", position, where)
        target = position + int(offset)
        if offset < 4 or target + 4 > len(self.data):
            raise damaged(where, f"the offset at byte {position} leads outside the file", str(offset))
        return target

    def charge(self, count: int, where: str) -> None:
        """Takes `count` bytes from what may still be visited."""
        self._bytes_left -= count
        if self._bytes_left < 0:
            raise damaged(where, "one part of the file is referred to too often")

    def table_at(self, position: int, where: str) -> Table:
        """Returns the table at `position` after checking its vtable."""
        self._tables_left -= 1
        if self._tables_left < 0:
            raise damaged(where, f"more than {MAX_TABLES} tables")
        vtable = position - self.read("i", position, where)
        vtable_size = self.read("H", vtable, where)
        size = self.read("H", vtable + 2, where)
        if vtable_size < 4 or vtable_size % 2 or vtable + vtable_size > len(self.data):
            raise damaged(where, f"the vtable at byte {vtable} has a wrong size", str(vtable_size))
        if size < 4 or position + size > len(self.data):
            raise damaged(where, f"the table at byte {position} has a wrong size", str(size))
        return Table(self, position, size, vtable, vtable_size, where)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose extent has been checked; its fields are checked as they are read."""

    buffer: Flatbuffer
    position: int
    size: int
    vtable: int
    vtable_size: int
    where: str

    def has(self, slot: int) -> bool:
        """Says whether field `slot` is stored."""
        return self._field(slot, 1) is not None

    def scalar(self, slot: int, code: str, default: Any) -> Any:
        """Returns the scalar field `slot` of struct code `code`, or its default."""
        position = self._field(slot, _STRUCTS[code].size)
        return default if position is None else self.buffer.read(code, position, self.where)

    def table(self, slot: int, where: str) -> Table | None:
        """Returns the table that field `slot` refers to, or None."""
        position = self._field(slot, 4)
        if position is None:
            return None
        return self.buffer.table_at(self.buffer.follow(position, where), where)

    def tables(self, slot: int, name: str, limit: int) -> Iterator[Table | InputError]:
        """Yields the tables of vector `slot`; a damaged one as its error, so that reading goes on.

        Args:
            slot: Field number.
            name: What one element is called; messages say `name 7`.
            limit: Greatest number of elements.
        """
        start, count = self._vector(slot, 4, limit)
        for i in range(count):
            where = f"{name} {i}"
            try:
                yield self.buffer.table_at(self.buffer.follow(start + 4 * i, where), where)
            except InputError as error:
                yield error

    def array(self, slot: int, dtype: DTypeLike, limit: int, free: bool = False) -> NDArray[Any] | None:
        """Returns vector `slot` as a read-only view of the file, or None where it is not stored.

        Args:
            slot: Field number.
            dtype: Type of the elements.
            limit: Greatest number of elements.
            free: Whether the elements will not be looked at here, so that reading costs nothing.
        """
        if not self.has(slot):
            return None
        kind = np.dtype(dtype).newbyteorder("<")
        start, count = self._vector(slot, kind.itemsize, limit)
        if not free:
            self.buffer.charge(count * kind.itemsize, self.where)
        return np.frombuffer(self.buffer.data, kind, count, start) if count else np.empty(0, kind)

    def string(self, slot: int, limit: int = 1 << 16) -> str:
        """Returns the string field `slot`, or "" where it is not stored."""
        start, count = self._vector(slot, 1, limit)
        self.buffer.charge(count, self.where)
        return self.buffer.data[start : start + count].decode("utf-8", errors="replace")

    def _vector(self, slot: int, item: int, limit: int) -> tuple[int, int]:
        field = self._field(slot, 4)
        if field is None:
            return 0, 0
        position = self.buffer.follow(field, self.where)
        count = int(self.buffer.read("I", position, self.where))
        if count * item > len(self.buffer.data) - position - 4:
            raise damaged(
                self.where, f"the vector at byte {position} runs over the end of the file", str(count)
            )
        if count > limit:
            raise InputError(
                where=self.where,
                what="a list is too long",
                expected=f"at most {limit} elements",
                found=str(count),
            )
        return position + 4, count

    def _field(self, slot: int, size: int) -> int | None:
        entry = 4 + 2 * slot
        if entry + 2 > self.vtable_size:
            return None
        offset = int(self.buffer.read("H", self.vtable + entry, self.where))
        if offset == 0:
            return None
        if offset < 4 or offset + size > self.size:
            raise damaged(self.where, f"field {slot} lies outside its table", str(offset))
        return self.position + offset


def damaged(where: str, what: str, found: str = "") -> InputError:
    """Returns the error for a file whose structure is broken at `where`."""
    return InputError(where=where, what=what, found=found, hint="the file is damaged; export it again")

"""Results from their pieces: in order, each once, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.hil.messages import Result, ResultPart


class Assembly:
    """Puts the records of one run together.

    Attributes:
        run: Pieces of any other run are ignored.
        next: The first number whose result is not complete.
        last_in_sight: The highest number of which a piece has come, or -1.
    """

    def __init__(self, run: int, first: int, output_bytes: int, more_bytes: int = 0) -> None:
        self.run = run
        self.next = first
        self.last_in_sight = -1
        self._output_bytes = output_bytes
        self._record_bytes = Result.LAYOUT.size + output_bytes + more_bytes
        self._parts: dict[int, bytearray] = {}

    @property
    def have(self) -> int:
        """Bytes of the record of `next` that are there."""
        return len(self._parts.get(self.next, b""))

    def add(self, part: ResultPart, limit: int) -> Iterator[Result]:
        """Takes a piece and yields the results that are now complete, in order.

        Args:
            part: From the board; repeated and foreign ones are ignored, one behind a gap waits.
            limit: Numbers from here on cannot have been computed yet and are ignored.
        """
        if part.run != self.run or not self.next <= part.number < limit:
            return
        self.last_in_sight = max(self.last_in_sight, part.number)
        record = self._parts.setdefault(part.number, bytearray())
        if part.offset <= len(record):
            record += part.data[len(record) - part.offset :]
            del record[self._record_bytes :]
        while len(self._parts.get(self.next, b"")) == self._record_bytes:
            whole = bytes(self._parts.pop(self.next))
            self.next += 1
            yield Result.unpack(self.next - 1, whole, self._output_bytes)

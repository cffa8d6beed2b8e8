"""Vectors to the board and results back, pipelined; what is lost is found from the acks and sent again.

The board takes the pieces of vectors strictly in order, so every ack ("I have read up to your frame s,
and stand at position p") says exactly which of the frames sent so far it can still make use of. When
those do not lead to the end of what was sent, something was lost, and sending goes back to where they
end. When nothing is heard at all, a `Fetch` asks where the board stands.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edgekit.hil.assembly import Assembly
from edgekit.hil.frames import Frame, encoded_size
from edgekit.hil.link import FIRST_PATIENCE, MOST_PATIENCE, Link
from edgekit.hil.messages import (
    Ack,
    BoardError,
    ErrorCode,
    Fetch,
    Hello,
    Mode,
    Reset,
    Result,
    ResultPart,
    TracedPiece,
    Vector,
)

_FIELDS = Vector.LAYOUT.size
_PING_ROOM = 64  # bytes of the board's receive buffer that are left for a Fetch

Position = tuple[int, int]  # number of the vector, byte in it


@dataclass(frozen=True, slots=True)
class _InFlight:
    """A frame that the board has not been heard to have read."""

    sequence: int
    size: int
    at: float  # when it was sent
    start: Position | None = None  # of a piece of a vector
    end: Position | None = None


class VectorRun:
    """One run of consecutive vectors, from its reset on.

    Args:
        link: To the board.
        hello: What the board said of itself.
        run: Number of the run, not 0, never used before on this board.
        vectors: All inputs of each invocation as bytes, by number; or of each its camera's frame.
        first: Number of the first one to run.
        end: One behind the last.
        on_result: Called with each result, in order.
        on_piece: Called with each piece of a watched node; says whether it brought something new.
        mode: Whether these are vectors or pictures.
    """

    def __init__(
        self,
        link: Link,
        hello: Hello,
        run: int,
        vectors: Sequence[bytes],
        first: int,
        end: int,
        on_result: Callable[[Result], None],
        on_piece: Callable[[TracedPiece], bool] = lambda piece: False,
        mode: Mode = Mode.VECTORS,
    ) -> None:
        self._link, self._hello, self._run = link, hello, run
        self._vectors, self._end, self._on_result = vectors, end, on_result
        self._on_piece, self._mode = on_piece, mode
        boxes = hello.boxes_bytes if mode is Mode.PICTURES else 0
        self._results = Assembly(run, first, hello.output_bytes, boxes)
        self._sent: Position = (first, 0)  # what is to be sent next
        self._furthest: Position = (first, 0)  # what was sent so far ends here
        self._taken: Position = (first, 0)  # what the board is known to expect
        self._in_flight: deque[_InFlight] = deque()
        self._progress_at = 0.0
        self._patience = FIRST_PATIENCE
        self._round_trip = 0.0  # longest of late, which a busy emulator stretches

    def go(self) -> None:
        """Runs to the end.

        Raises:
            Refused: The board answered with an error, e.g. because it was started again.
            EnvironmentFailed: No progress within the link's deadline, or the line was cut.
        """
        self._link.request(Reset(self._run, self._taken[0], self._mode), Ack)
        self._progress()
        while self._results.next < self._end:
            while self._may_send():
                self._send_piece()
            frame = self._link.receive(self._wait())
            if frame is None:
                self._ask_where_it_stands()
            else:
                self._handle(frame)
            if time.monotonic() - self._progress_at > self._link.deadline:
                raise self._link.silent(f"vector {self._results.next}")

    def _progress(self) -> None:
        self._progress_at = time.monotonic()
        self._patience = min(FIRST_PATIENCE + 2 * self._round_trip, MOST_PATIENCE)

    @property
    def _computing(self) -> bool:
        return self._taken[0] > self._results.next

    def _wait(self) -> float:
        flight = self._link.seconds_for(2 * self._flight_bytes())
        left = self._progress_at + self._link.deadline - time.monotonic()
        return max(0.0, min(self._patience + flight, left))

    def _flight_bytes(self) -> int:
        return sum(frame.size for frame in self._in_flight)

    def _piece(self) -> tuple[bytes, Position]:
        number, offset = self._sent
        data = self._vectors[number][offset : offset + self._hello.max_data]
        end = offset + len(data)
        return data, ((number, end) if end < len(self._vectors[number]) else (number + 1, 0))

    def _may_send(self) -> bool:
        number, offset = self._sent
        if number >= min(self._end, self._results.next + self._hello.result_slots):
            return False
        if not self._in_flight and not self._computing:
            return True  # the board is reading
        data = min(self._hello.max_data, len(self._vectors[number]) - offset)
        size = self._flight_bytes() + encoded_size(_FIELDS + data)
        return size + _PING_ROOM <= self._hello.receive_bytes

    def _send_piece(self) -> None:
        data, end = self._piece()
        sequence, size = self._link.send(Vector(self._run, *self._sent, data))
        self._in_flight.append(_InFlight(sequence, size, time.monotonic(), self._sent, end))
        self._sent = end
        self._furthest = max(self._furthest, end)

    def _ask_where_it_stands(self) -> None:
        if not self._computing:
            self._link.retries += 1
        self._fetch()
        self._patience = min(2 * self._patience, MOST_PATIENCE)

    def _fetch(self) -> None:
        sequence, size = self._link.send(Fetch(self._run, self._results.next, self._results.have))
        self._in_flight.append(_InFlight(sequence, size, time.monotonic()))

    @property
    def _fetching(self) -> bool:
        return any(frame.start is None for frame in self._in_flight)

    def _handle(self, frame: Frame) -> None:
        if frame.type == Ack.TYPE:
            ack = self._link.read(frame, Ack)
            if ack.run == self._run:
                self._on_ack(frame.sequence, ack)
        elif frame.type == ResultPart.TYPE:
            self._on_part(frame.sequence, self._link.read(frame, ResultPart))
        elif frame.type == TracedPiece.TYPE:
            if self._on_piece(self._link.read(frame, TracedPiece)):
                self._progress()
        elif frame.type == BoardError.TYPE:
            if frame.sequence == 0:
                self._on_damage(self._link.read(frame, BoardError))
            elif any(sent.sequence == frame.sequence for sent in self._in_flight):
                raise self._link.refused(frame, "Vector")

    def _on_ack(self, sequence: int, ack: Ack) -> None:
        self._have_read(sequence, (ack.number, ack.offset))
        if ack.done > self._results.next and not self._fetching:
            self._link.retries += 1  # its result was sent before this ack, and did not come
            self._fetch()

    def _on_part(self, sequence: int, part: ResultPart) -> None:
        if part.run != self._run:
            return
        for result in self._results.add(part, self._furthest[0]):
            self._have_read(sequence, (result.number + 1, 0))
            self._progress()
            self._on_result(result)
        if self._results.last_in_sight > self._results.next and not self._fetching:
            self._link.retries += 1
            self._fetch()

    def _on_damage(self, error: BoardError) -> None:
        if error.code == ErrorCode.DAMAGED and self._in_flight:
            self._link.retries += 1
            self._fetch()

    def _have_read(self, sequence: int, position: Position) -> None:
        """Takes in that the board has read all up to `sequence` and stands at `position` or behind it."""
        while self._in_flight and (sequence - self._in_flight[0].sequence) & 0xFFFF < 0x8000:
            read = self._in_flight.popleft()
            if read.sequence == sequence:  # of those before it nobody knows when they were read
                self._round_trip = max(time.monotonic() - read.at, 0.9 * self._round_trip)
        if position > self._furthest:
            return  # nothing that this run has sent leads there
        if position > self._taken:
            self._taken = position
            self._progress()
        self._sent = max(self._sent, self._taken)
        reached = self._taken
        for frame in self._in_flight:
            if frame.start is not None and frame.end is not None and frame.start <= reached < frame.end:
                reached = frame.end
        if reached < self._sent:
            self._link.retries += 1
            self._sent = reached

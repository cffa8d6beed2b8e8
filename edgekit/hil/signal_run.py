"""A raw signal through the board's preprocessing and model; one frame at a time on the wire."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edgekit.hil.assembly import Assembly
from edgekit.hil.link import FIRST_PATIENCE, MOST_PATIENCE, Link, is_damage
from edgekit.hil.messages import Ack, BoardError, Fetch, Hello, Mode, Reset, Result, ResultPart, Signal


class SignalRun:
    """One run over a signal, from its reset on; samples may be pushed in any number of calls.

    Args:
        link: To the board.
        hello: What the board said of itself.
        run: Number of the run, not 0, never used before on this board.
        want_input: Whether results carry the model's input as well.
        on_result: Called with each result, in order.
    """

    def __init__(
        self, link: Link, hello: Hello, run: int, want_input: bool, on_result: Callable[[Result], None]
    ) -> None:
        self._link, self._hello, self._run = link, hello, run
        self._on_result = on_result
        self._results = Assembly(run, 0, hello.output_bytes, hello.input_bytes if want_input else 0)
        self._taken = 0  # samples that the board has taken
        link.request(Reset(run, 0, Mode.SIGNALS, int(want_input)), Ack)

    def push(self, samples: NDArray[np.float32]) -> None:
        """Sends samples, and returns when every result that they lead to is there.

        Args:
            samples: float32 [n], the continuation of what was pushed before.

        Raises:
            Refused: The board answered with an error.
            EnvironmentFailed: No progress within the link's deadline, or the line was cut.
        """
        start = self._taken
        data = np.ascontiguousarray(samples, "<f4").tobytes()
        while True:
            at = 4 * (self._taken - start)
            before = self._taken, self._results.next
            piece = data[at : at + self._hello.max_data]
            self._exchange(Signal(self._run, self._taken, self._results.next, piece))
            if not piece and before == (self._taken, self._results.next):
                return  # an empty piece led to nothing more

    def _exchange(self, message: Signal | Fetch) -> None:
        """Sends a message until it is acknowledged, and fetches the results that did not come."""
        asked: set[int] = set()
        progress_at = time.monotonic()
        patience = FIRST_PATIENCE
        while time.monotonic() - progress_at < self._link.deadline:
            self._link.retries += bool(asked)
            sequence, size = self._link.send(message)
            asked.add(sequence)
            again = time.monotonic() + patience + self._link.seconds_for(2 * size)
            while (wait := again - time.monotonic()) > 0 and (frame := self._link.receive(wait)) is not None:
                if frame.type == ResultPart.TYPE:
                    before = self._results.next, self._results.have
                    for result in self._results.add(self._link.read(frame, ResultPart), 1 << 32):
                        self._on_result(result)
                    if before != (self._results.next, self._results.have):
                        progress_at = time.monotonic()
                elif is_damage(frame):
                    break  # ask again at once
                elif frame.type == BoardError.TYPE and frame.sequence in asked:
                    raise self._link.refused(frame, type(message).__name__)
                elif frame.type == Ack.TYPE and frame.sequence in asked:
                    ack = self._link.read(frame, Ack)
                    if ack.run == self._run:
                        self._taken = max(self._taken, ack.offset)
                        self._fetch_below(ack.done)
                        return
            patience = min(2 * patience, MOST_PATIENCE)
        raise self._link.silent(type(message).__name__)

    def _fetch_below(self, done: int) -> None:
        while self._results.next < done:
            self._link.retries += 1
            self._exchange(Fetch(self._run, self._results.next, self._results.have))

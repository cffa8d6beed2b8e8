"""Messages over a transport: sequence numbers, requests with resend, and counts."""

from __future__ import annotations

import time
from collections import deque
from typing import ClassVar, Protocol, Self, TypeVar

from edgekit.errors import EnvironmentFailed
from edgekit.hil.frames import Decoder, Frame, encode
from edgekit.hil.messages import BoardError, ErrorCode, WireError
from edgekit.hil.transport import Transport, fault_in

FIRST_PATIENCE = 0.25  # seconds until a silent board is asked again
MOST_PATIENCE = 1.0


class Sendable(Protocol):
    """A message that can go out."""

    TYPE: ClassVar[int]

    def pack(self) -> bytes:
        """Returns the body."""


class Receivable(Protocol):
    """A message that can be read."""

    TYPE: ClassVar[int]

    @classmethod
    def unpack(cls, body: bytes) -> Self:
        """Returns the message in a body."""


Answer = TypeVar("Answer", bound=Receivable)


class Refused(EnvironmentFailed):
    """The board answered a request with an error.

    Attributes:
        code: The number in the answer.
    """

    code: int = 0


class Link:
    """One end of the serial line.

    Attributes:
        transport: Where the bytes go.
        deadline: Seconds without progress after which every wait ends.
        retries: How often something was asked for or sent again.
    """

    def __init__(self, transport: Transport, deadline: float) -> None:
        self.transport = transport
        self.deadline = deadline
        self.retries = 0
        self._decoder = Decoder()
        self._frames: deque[Frame] = deque()
        self._sequence = 0

    @property
    def damaged(self) -> int:
        """Frames that came damaged."""
        return self._decoder.damaged

    def seconds_for(self, count: int) -> float:
        """Returns how long so many bytes are on the wire; 0 where that is not known."""
        return 10.0 * count / self.transport.baud if self.transport.baud else 0.0

    def send(self, message: Sendable) -> tuple[int, int]:
        """Sends a message under a new sequence number; returns it and the number of bytes."""
        self._sequence = self._sequence % 0xFFFF + 1  # 0 stands for "no request" in answers
        data = encode(Frame(message.TYPE, self._sequence, message.pack()))
        self.transport.write(data)
        return self._sequence, len(data)

    def receive(self, seconds: float) -> Frame | None:
        """Returns the next whole frame, or None if there is none within so many seconds.

        Raises:
            EnvironmentFailed: The other end is gone, or reported a fault in plain text.
        """
        until = time.monotonic() + seconds
        while not self._frames:
            left = until - time.monotonic()
            self._frames.extend(self._decoder.feed(self.transport.read(max(left, 0.0))))
            if left <= 0 and not self._frames:
                if fault_in(self.transport.tail):
                    raise self.transport.failed("the board stopped")
                return None
        return self._frames.popleft()

    def request(self, message: Sendable, answer: type[Answer]) -> Answer:
        """Sends a message until it is answered.

        Args:
            message: A request that may be repeated without harm.
            answer: The type of its answer.

        Raises:
            Refused: The board answered with an error.
            EnvironmentFailed: No answer within the deadline, or one that cannot be read.
        """
        asked: set[int] = set()
        until = time.monotonic() + self.deadline
        patience = FIRST_PATIENCE
        while (left := until - time.monotonic()) > 0:
            self.retries += bool(asked)
            sequence, size = self.send(message)
            asked.add(sequence)
            again = time.monotonic() + min(patience + self.seconds_for(2 * size), left)
            while (wait := again - time.monotonic()) > 0 and (frame := self.receive(wait)) is not None:
                if frame.sequence in asked and frame.type == answer.TYPE:
                    return self.read(frame, answer)
                if frame.sequence in asked and frame.type == BoardError.TYPE:
                    raise self.refused(frame, type(message).__name__)
                if is_damage(frame):
                    break  # ask again at once
            patience = min(2 * patience, MOST_PATIENCE)
        raise self.silent(type(message).__name__)

    def read(self, frame: Frame, kind: type[Answer]) -> Answer:
        """Returns the message in a frame.

        Raises:
            EnvironmentFailed: The body is not what its type says.
        """
        try:
            return kind.unpack(frame.body)
        except WireError as error:
            raise EnvironmentFailed(
                where=self.transport.name,
                what=str(error),
                expected="an answer as docs/wire-protocol.md describes it",
                found=f"{len(frame.body)} bytes: {frame.body[:64].hex(' ')}",
                hint="build and flash the firmware again with this version of edgekit",
            ) from error

    def refused(self, frame: Frame, request: str) -> Refused:
        """Returns the error that a board answered with."""
        error = self.read(frame, BoardError)
        made = Refused(
            where=self.transport.name,
            what=f"the board refused {request}: {error.name} ({error.detail})",
            hint=_HINTS.get(error.code, ""),
        )
        made.code = error.code
        return made

    def silent(self, request: str) -> EnvironmentFailed:
        """Returns the error of a board that did not answer in time."""
        frames = "" if not self.damaged else f" ({self.damaged} pieces were no valid frame)"
        return self.transport.failed(
            f"no answer to {request} within {self.deadline:g} s{frames}",
            expected="frames of edgekit's wire protocol",
            hint="is the validation firmware on the board, and is this its port and rate? (edgekit flash)",
        )


def is_damage(frame: Frame) -> bool:
    """Says whether a frame tells that the board received something damaged."""
    return frame.type == BoardError.TYPE and frame.sequence == 0


_HINTS: dict[int, str] = {
    ErrorCode.MODEL_FAILED: "the model could not be initialised; build the firmware again",
    ErrorCode.UNKNOWN_TYPE: "build and flash the firmware again with this version of edgekit",
    ErrorCode.NO_PROFILE: "build and flash it with --profile: edgekit flash DIR --target BOARD --profile",
    ErrorCode.NO_TRACE: "build and flash it with --trace: edgekit flash DIR --target BOARD --trace",
    ErrorCode.NO_PREPROC: "export a run folder: a bare .tflite has no preprocessing",
}

"""A board in this process: the protocol's other side in Python, which can be told to misbehave."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from edgekit.errors import EnvironmentFailed
from edgekit.hil import messages as m
from edgekit.hil.frames import Decoder, Frame, encode
from tests.hil import toy_model

HELLO = m.Hello(
    protocol=1, flags=0, model_status=0, inputs=1, outputs=1, max_data=1024, result_slots=2,
    receive_bytes=4096, input_bytes=toy_model.INPUTS, output_bytes=16, arena_bytes=1520, timer_hz=0,
    timer_resolution=1, preproc_rate_hz=0.0, preproc_channels=0, preproc_frame_samples=0,
    preproc_hop_samples=0, preproc_state_bytes=0, sha256=toy_model.SHA256, name="toy", engine="aot",
    edgekit="0", board="fake", timer_unit="instructions",
)  # fmt: skip


def nothing(frame: Frame) -> bool:
    """Loses no frame."""
    return False


@dataclass
class FakeBoard:
    """Stands where a `Transport` stands; answers at once.

    Attributes:
        lose_request, lose_answer: Say which frames the line loses.
        computed: Numbers in the order in which they were computed since the start.
    """

    hello: m.Hello = HELLO
    lose_request: Callable[[Frame], bool] = nothing
    lose_answer: Callable[[Frame], bool] = nothing
    computed: list[int] = field(default_factory=list)
    corrupt_input: bool = False
    node_ticks: list[int] = field(default_factory=list)
    nodes: int | None = None  # how many it says there are; default so many as there are
    name: str = "fake"
    kind: str = "fake"
    baud: int | None = None
    tail: bytes = b""
    sent: int = 0
    received: int = 0
    closed: bool = False
    frames: list[Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._out = b""
        self._decoder = Decoder()
        self.restart()

    def restart(self) -> None:
        """Loses all that a board loses with its power."""
        self.run = self.number = self.offset = self.done = 0
        self._input = bytearray(self.hello.input_bytes)
        self._records: dict[int, bytes] = {}
        self._toy = toy_model.Toy(self.hello.stateful)

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        for frame in self._decoder.feed(data):
            if not self.lose_request(frame):
                self.frames.append(frame)
                self.answer(frame)

    def read(self, seconds: float) -> bytes:
        data, self._out = self._out, b""
        self.received += len(data)
        return data

    def close(self) -> None:
        self.closed = True

    def failed(self, what: str, *, expected: str = "", hint: str = "") -> EnvironmentFailed:
        return EnvironmentFailed(where=self.name, what=what, expected=expected, hint=hint)

    def say(self, sequence: int, message: m.Message | m.Hello | m.TensorFacts) -> None:
        frame = Frame(message.TYPE, sequence, message.pack())
        if not self.lose_answer(frame):
            self._out += encode(frame)

    def answer(self, frame: Frame) -> None:
        if frame.type == m.HelloRequest.TYPE:
            self.say(frame.sequence, self.hello)
        elif frame.type == m.TensorRequest.TYPE:
            size = self.hello.output_bytes if frame.body[0] else self.hello.input_bytes
            self.say(frame.sequence, m.TensorFacts("int8", 1.0, 0, (size,), "out" if frame.body[0] else "in"))
        elif frame.type == m.Reset.TYPE:
            self._reset(m.Reset.unpack(frame.body))
            self._ack(frame.sequence)
        elif frame.type == m.Vector.TYPE:
            self._vector(frame.sequence, m.Vector.unpack(frame.body))
        elif frame.type == m.Fetch.TYPE:
            self._fetch(frame.sequence, m.Fetch.unpack(frame.body))
        elif frame.type == m.InfoRequest.TYPE:
            self.say(frame.sequence, m.Info(len(self.computed), 0, 0, 0, 0, 0, 0))
        elif frame.type == m.ProfileRequest.TYPE:
            first = m.ProfileRequest.unpack(frame.body).first
            part = self.node_ticks[first : first + 3]
            nodes = len(self.node_ticks) if self.nodes is None else self.nodes
            self.say(frame.sequence, m.ProfilePart(nodes, 10, struct.pack(f"<{len(part)}Q", *part)))

    def _ack(self, sequence: int) -> None:
        self.say(sequence, m.Ack(self.run, self.number, self.offset, self.done))

    def _reset(self, reset: m.Reset) -> None:
        if reset.run != self.run:
            self.restart()
            self.run, self.number, self.done = reset.run, reset.first, reset.first

    def _vector(self, sequence: int, vector: m.Vector) -> None:
        if vector.run != self.run:
            self.say(sequence, m.BoardError(m.ErrorCode.NO_RUN, self.run))
            return
        end = vector.offset + len(vector.data)
        if vector.number == self.number and vector.offset <= self.offset < end:
            self._input[vector.offset : end] = vector.data
            self.offset = end
        complete = self.offset == len(self._input)
        if complete:
            self.number, self.offset = self.number + 1, 0
        self._ack(sequence)
        if complete:
            self._compute(sequence)

    def _compute(self, sequence: int) -> None:
        data = bytes(self._input)
        if self.corrupt_input:
            data = bytes([data[0] ^ 1]) + data[1:]
        self.computed.append(self.done)
        result = m.Result(self.done, 0, zlib.crc32(data), 1000, 0, self._toy.invoke(data))
        self._records[self.done] = result.pack()
        self._records.pop(self.done - self.hello.result_slots, None)
        self.done += 1
        self._send(sequence, self.done - 1, 0)

    def _send(self, sequence: int, number: int, offset: int) -> None:
        self.say(sequence, m.ResultPart(self.run, number, offset, self._records[number][offset:]))

    def _fetch(self, sequence: int, fetch: m.Fetch) -> None:
        if fetch.run != self.run:
            self.say(sequence, m.BoardError(m.ErrorCode.NO_RUN, self.run))
        elif fetch.number < self.done and fetch.number not in self._records:
            self.say(sequence, m.BoardError(m.ErrorCode.RESULT_GONE, self.done))
        else:
            if fetch.number < self.done:
                self._send(sequence, fetch.number, fetch.offset)
            self._ack(sequence)


def stateful() -> m.Hello:
    """Returns the hello of a model with state."""
    return replace(HELLO, flags=1)

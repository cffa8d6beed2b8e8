"""Messages of the wire protocol, version 1, as the frames' bodies (docs/wire-protocol.md)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar, Self

import numpy as np

from edgekit.hil.frames import MAX_DATA

PROTOCOL = 1
ANSWER = 0x80
MAX_RANK = 8
MIN_DATA = 256  # least data bytes of a frame that a board must take
MAX_TENSOR_BYTES = 1 << 30
MAX_BOXES_BYTES = 1 << 20  # of one picture
NO_NUMBER = 0xFFFFFFFF  # stands for no vector, or for no node
DTYPES = {1: "int8", 2: "uint8", 3: "int16", 4: "int32", 5: "int64", 6: "float32", 7: "bool"}


class WireError(ValueError):
    """A body that is not what its type says."""


class ErrorCode(IntEnum):
    """Why a board refused a request."""

    DAMAGED = 1
    UNKNOWN_TYPE = 2
    BAD_LENGTH = 3
    BAD_VALUE = 4
    NO_RUN = 5
    WRONG_MODE = 6
    RESULT_GONE = 7
    NO_PREPROC = 8
    MODEL_FAILED = 9
    PREPROC_FAILED = 10
    NO_PROFILE = 11
    NO_TRACE = 12


class Mode(IntEnum):
    """What a run is fed with."""

    VECTORS = 0
    SIGNALS = 1
    PICTURES = 2


class Message:
    """A body of fixed fields, little-endian, and where `data` is the last field, bytes behind them."""

    TYPE: ClassVar[int]
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<")

    def pack(self) -> bytes:
        """Returns the body."""
        values = [getattr(self, field.name) for field in fields(self)]  # type: ignore[arg-type]
        tail = values.pop() if self._has_data() else b""
        return self.LAYOUT.pack(*values) + tail

    @classmethod
    def unpack(cls, body: bytes) -> Self:
        """Returns the message in a body; what a later minor version added behind it is ignored.

        Raises:
            WireError: The body is too short.
        """
        if len(body) < cls.LAYOUT.size:
            raise WireError(f"{cls.__name__}: {len(body)} bytes; expected {cls.LAYOUT.size}")
        values = list(cls.LAYOUT.unpack_from(body))
        if cls._has_data():
            values.append(body[cls.LAYOUT.size :])
        return cls(*values)

    @classmethod
    def _has_data(cls) -> bool:
        names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
        return bool(names) and names[-1] == "data"


@dataclass(frozen=True, slots=True)
class HelloRequest(Message):
    """Asks what firmware this is."""

    TYPE = 0x01
    LAYOUT = struct.Struct("<B")
    protocol: int = PROTOCOL


@dataclass(frozen=True, slots=True)
class TensorRequest(Message):
    """Asks for one input (direction 0) or output (1)."""

    TYPE = 0x02
    LAYOUT = struct.Struct("<BB")
    direction: int
    index: int


@dataclass(frozen=True, slots=True)
class Reset(Message):
    """Starts a run: model and preprocessing as after power-up; `first` is the next number."""

    TYPE = 0x03
    LAYOUT = struct.Struct("<IIBB")
    run: int
    first: int
    mode: int
    want_input: int = 0


@dataclass(frozen=True, slots=True)
class Vector(Message):
    """A piece of all inputs of one invocation, or of a camera's frame, from byte `offset` on."""

    TYPE = 0x04
    LAYOUT = struct.Struct("<III")
    run: int
    number: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Signal(Message):
    """Samples (float32) from sample `offset` on; results below `confirmed` are held by the host."""

    TYPE = 0x05
    LAYOUT = struct.Struct("<III")
    run: int
    offset: int
    confirmed: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Fetch(Message):
    """Asks for a result again, from byte `offset` on, and where the run stands."""

    TYPE = 0x06
    LAYOUT = struct.Struct("<III")
    run: int
    number: int
    offset: int


@dataclass(frozen=True, slots=True)
class InfoRequest(Message):
    """Asks for counts."""

    TYPE = 0x07


@dataclass(frozen=True, slots=True)
class ProfileRequest(Message):
    """Asks for the ticks of the model's nodes, from node `first` on."""

    TYPE = 0x08
    LAYOUT = struct.Struct("<I")
    first: int


@dataclass(frozen=True, slots=True)
class ProfilePart(Message):
    """Ticks (u64) of nodes since the last reset, as many as fit; `nodes` is how many there are."""

    TYPE = ProfileRequest.TYPE | ANSWER
    LAYOUT = struct.Struct("<II")
    nodes: int
    invocations: int
    data: bytes


@dataclass(frozen=True, slots=True)
class TraceRequest(Message):
    """Asks what the model's nodes wrote for the last vector, from node `first` on."""

    TYPE = 0x20
    LAYOUT = struct.Struct("<I")
    first: int


@dataclass(frozen=True, slots=True)
class TracePart(Message):
    """Bytes and CRC-32 (u32 each) of nodes, as many as fit; of vector `number`, `NO_NUMBER` before any."""

    TYPE = TraceRequest.TYPE | ANSWER
    LAYOUT = struct.Struct("<II")
    nodes: int
    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class WatchRequest(Message):
    """Wants all that `node` writes while vector `number` is computed; `NO_NUMBER`: of no node."""

    TYPE = 0x21
    LAYOUT = struct.Struct("<II")
    number: int
    node: int


@dataclass(frozen=True, slots=True)
class Watched(Message):
    """What is watched from now on."""

    TYPE = WatchRequest.TYPE | ANSWER
    LAYOUT = struct.Struct("<II")
    number: int
    node: int


@dataclass(frozen=True, slots=True)
class TracedPiece(Message):
    """Bytes of what a watched node writes, from byte `offset` on."""

    TYPE = 0xA2
    LAYOUT = struct.Struct("<III")
    node: int
    number: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Ack(Message):
    """Where the run stands: what comes next, and below which number results are computed."""

    TYPE = 0x90
    LAYOUT = struct.Struct("<IIII")
    run: int
    number: int
    offset: int
    done: int


@dataclass(frozen=True, slots=True)
class ResultPart(Message):
    """A piece of the record of one result, from byte `offset` on."""

    TYPE = 0x91
    LAYOUT = struct.Struct("<III")
    run: int
    number: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Info(Message):
    """Counts since start-up, stack depths in bytes; `nonfinite` since the last reset.

    `preproc_stack` is that of the camera where there is one.
    """

    TYPE = InfoRequest.TYPE | ANSWER
    LAYOUT = struct.Struct("<9I")
    _FIRST: ClassVar[int] = 28  # bytes that firmware of the first release sends
    computed: int
    invoke_stack: int
    preproc_stack: int
    nonfinite: int
    timer_overhead: int
    frames: int
    damaged: int
    init_ticks: int = 0
    boxes_stack: int = 0

    @classmethod
    def unpack(cls, body: bytes) -> Info:
        """Returns the message in a body; fields that older firmware leaves out are 0."""
        if len(body) < cls._FIRST:
            raise WireError(f"Info: {len(body)} bytes; expected {cls._FIRST}")
        return cls(*cls.LAYOUT.unpack_from(body.ljust(cls.LAYOUT.size, b"\0")))


@dataclass(frozen=True, slots=True)
class BoardError(Message):
    """A refusal; the sequence number is that of the request, or 0 where none could be read."""

    TYPE = 0xFF
    LAYOUT = struct.Struct("<BI")
    code: int
    detail: int

    @property
    def name(self) -> str:
        """Name of the code."""
        return ErrorCode(self.code).name if self.code in list(ErrorCode) else f"code {self.code}"


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """One input or output of the model on the board."""

    TYPE: ClassVar[int] = TensorRequest.TYPE | ANSWER
    dtype: str
    scale: float
    zero_point: int
    shape: tuple[int, ...]
    name: str

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        size = np.dtype(self.dtype).itemsize
        for dim in self.shape:
            size *= dim
        return size

    def pack(self) -> bytes:
        """Returns the body."""
        code = next(code for code, dtype in DTYPES.items() if dtype == self.dtype)
        head = struct.pack("<BfiB", code, self.scale, self.zero_point, len(self.shape))
        return head + struct.pack(f"<{len(self.shape)}I", *self.shape) + _pack_text(self.name)

    @classmethod
    def unpack(cls, body: bytes) -> TensorFacts:
        """Returns the message in a body; raises `WireError` if it is none."""
        reader = _Reader(body)
        code, scale, zero_point, rank = reader.take("<BfiB")
        if code not in DTYPES or rank > MAX_RANK:
            raise WireError(f"tensor: type {code}, rank {rank}")
        made = cls(DTYPES[code], scale, zero_point, reader.take(f"<{rank}I"), reader.text())
        if not 0 < made.nbytes <= MAX_TENSOR_BYTES:
            raise WireError(f"tensor '{made.name}': {made.nbytes} bytes")
        return made


@dataclass(frozen=True, slots=True)
class Hello:
    """What firmware is on the board; the last two are 0 where older firmware leaves them out."""

    TYPE: ClassVar[int] = HelloRequest.TYPE | ANSWER
    _LAYOUT: ClassVar[str] = "<BBBBBHHIIIIIIfIIII32s"
    _TEXTS: ClassVar[int] = 5
    _LAST: ClassVar[str] = "<II"
    protocol: int
    flags: int
    model_status: int
    inputs: int
    outputs: int
    max_data: int
    result_slots: int
    receive_bytes: int
    input_bytes: int
    output_bytes: int
    arena_bytes: int
    timer_hz: int
    timer_resolution: int
    preproc_rate_hz: float
    preproc_channels: int
    preproc_frame_samples: int
    preproc_hop_samples: int
    preproc_state_bytes: int
    sha256: str
    name: str
    engine: str
    edgekit: str
    board: str
    timer_unit: str
    frame_bytes: int = 0
    boxes_bytes: int = 0

    @property
    def stateful(self) -> bool:
        """Whether the model carries state from vector to vector."""
        return bool(self.flags & 1)

    @property
    def preproc(self) -> bool:
        """Whether there is preprocessing in front of the model."""
        return bool(self.flags & 2)

    @property
    def camera(self) -> bool:
        """Whether there is a camera in front of the model."""
        return bool(self.flags & 4)

    def pack(self) -> bytes:
        """Returns the body."""
        values = [getattr(self, field.name) for field in fields(self)]
        texts = b"".join(_pack_text(text) for text in values[19 : 19 + self._TEXTS])
        head = struct.pack(self._LAYOUT, *values[:18], bytes.fromhex(self.sha256))
        return head + texts + struct.pack(self._LAST, *values[19 + self._TEXTS :])

    @classmethod
    def unpack(cls, body: bytes) -> Hello:
        """Returns the message in a body; raises `WireError` if it is none."""
        if body and body[0] != PROTOCOL:
            raise WireError(f"the board speaks protocol version {body[0]}, edgekit speaks {PROTOCOL}")
        reader = _Reader(body)
        *numbers, digest = reader.take(cls._LAYOUT)
        values: list[Any] = [*numbers, digest.hex(), *(reader.text() for _ in range(cls._TEXTS))]
        made = cls(*values, *(reader.take(cls._LAST) if reader.left else ()))
        bounds = {
            "max_data": (MIN_DATA, MAX_DATA),
            "result_slots": (1, 0xFFFF),
            "inputs": (1, 0xFF),
            "outputs": (1, 0xFF),
            "input_bytes": (1, MAX_TENSOR_BYTES),
            "output_bytes": (1, MAX_TENSOR_BYTES),
            "frame_bytes": (0, MAX_TENSOR_BYTES),
            "boxes_bytes": (0, MAX_BOXES_BYTES),
            "timer_resolution": (1, 0xFFFFFFFF),
        }
        for name, (low, high) in bounds.items():
            if not low <= getattr(made, name) <= high:
                raise WireError(f"hello: {name} is {getattr(made, name)}; expected {low} to {high}")
        if made.max_data % 4:
            raise WireError(f"hello: max_data is {made.max_data}; expected a multiple of 4")
        return made


@dataclass(frozen=True, slots=True)
class Result:
    """What the board computed for one number.

    Args:
        number: Of the vector, or of the frame of the signal.
        status: What `_invoke` returned; 0 is success.
        input_crc: CRC-32 of all inputs as they lay in the model's memory.
        ticks: Time of `_invoke`, in the timer's unit.
        preproc_ticks: Time of the preprocessing since the frame before, or of the camera.
        outputs: All outputs, one behind the other.
        more: What stands behind them: all inputs, where the reset asked for them; of a picture, its boxes.
    """

    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<B3xIQQ")
    number: int
    status: int
    input_crc: int
    ticks: int
    preproc_ticks: int
    outputs: bytes
    more: bytes = b""

    def pack(self) -> bytes:
        """Returns the record as results carry it."""
        head = self.LAYOUT.pack(self.status, self.input_crc, self.ticks, self.preproc_ticks)
        return head + self.outputs + self.more

    @classmethod
    def unpack(cls, number: int, record: bytes, output_bytes: int) -> Result:
        """Returns the result in a whole record."""
        end = cls.LAYOUT.size + output_bytes
        status, crc, ticks, preproc_ticks = cls.LAYOUT.unpack_from(record)
        return cls(number, status, crc, ticks, preproc_ticks, record[cls.LAYOUT.size : end], record[end:])


class _Reader:
    """Takes fields from the front of a body."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        size = struct.calcsize(layout)
        if len(self._body) - self._at < size:
            raise WireError(f"{len(self._body)} bytes; more were expected")
        values = struct.unpack_from(layout, self._body, self._at)
        self._at += size
        return values

    @property
    def left(self) -> int:
        return len(self._body) - self._at

    def text(self) -> str:
        (size,) = self.take("<B")
        (raw,) = self.take(f"<{size}s")
        return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in raw)


def _pack_text(text: str) -> bytes:
    raw = text.encode("ascii")
    return bytes([len(raw)]) + raw

"""A line in this process between a session and the application, with seeded faults and a clock of its own."""

from __future__ import annotations

import random
import struct
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from edgekit.errors import EnvironmentFailed

RESET = 0xFFFFFFFF
KINDS = ("flip", "drop", "repeat", "insert", "reorder", "cut", "stall", "garbage", "restart", "unplug")
_CHUNK = 512  # bytes that pass at a time


class Board:
    """The application as a process that answers each delivery in full."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def deliver(self, data: bytes) -> bytes:
        """Gives bytes and returns what the application says to them."""
        answer = b""
        for at in range(0, len(data), 1 << 15):
            answer += self._exchange(
                struct.pack("<I", len(data[at : at + (1 << 15)])) + data[at : at + (1 << 15)]
            )
        return answer

    def restart(self) -> None:
        """Starts it again as after power-up."""
        self._exchange(struct.pack("<I", RESET))

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _exchange(self, message: bytes) -> bytes:
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(message)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        head = self._process.stdout.read(4)
        if len(head) < 4:
            raise AssertionError("the firmware ended: " + self._process.communicate()[1].decode()[-3000:])
        (size,) = struct.unpack("<I", head)
        return self._process.stdout.read(size)


class Clock:
    """Stands for the module `time`; it runs only when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


class Line:
    """A `Transport` to a board.

    Args:
        board: The application.
        clock: What waiting takes.
        seed: Of the faults.
        share: Chance of a fault per chunk that passes.
        most: Faults after which the line is clean.
        kinds: What may happen.
    """

    baud = None
    kind = "lockstep"
    name = "lockstep"

    def __init__(
        self, board: Board, clock: Clock, *, seed: int, share: float, most: int, kinds: Sequence[str] = KINDS
    ) -> None:
        self.injected: Counter[str] = Counter()
        self.sent = self.received = 0
        self.tail = b""
        self._board, self._clock = board, clock
        self._random = random.Random(seed)
        self._share, self._most, self._kinds = share, most, kinds
        self._held = {"down": b"", "up": b""}
        self._up = bytearray()
        self._unplugged = False

    def write(self, data: bytes) -> None:
        self.sent += len(data)
        self._go_on(self._pass("down", data))

    def read(self, seconds: float) -> bytes:
        if self._unplugged:
            self._unplugged = False
            raise self.failed("the line was cut")
        if not self._up:  # it is quiet: what was held back goes out, and time passes
            held, self._held["down"] = self._held["down"], b""
            self._go_on(held)
            self._up += self._held["up"]
            self._held["up"] = b""
        if not self._up:
            self._clock.now += max(seconds, 0.001)
            return b""
        data = bytes(self._up)
        self._up.clear()
        self.received += len(data)
        self.tail = (self.tail + data)[-256:]
        return data

    def close(self) -> None:
        """Nothing to close: the board outlives its lines."""

    def failed(self, what: str, *, expected: str = "", hint: str = "") -> EnvironmentFailed:
        return EnvironmentFailed(where=self.name, what=what, expected=expected, hint=hint)

    def _go_on(self, data: bytes) -> None:
        if data:
            self._up += self._pass("up", self._board.deliver(data))

    def _pass(self, way: str, data: bytes) -> bytes:
        passed = b""
        for at in range(0, len(data), _CHUNK):
            chunk, self._held[way] = self._held[way] + data[at : at + _CHUNK], b""
            if sum(self.injected.values()) < self._most and self._random.random() < self._share:
                chunk, self._held[way] = self._spoil(chunk)
            passed += chunk
        return passed

    def _spoil(self, data: bytes) -> tuple[bytes, bytes]:
        """Returns what passes now and what is held back."""
        draw = self._random
        kind = draw.choice(self._kinds)
        self.injected[kind] += 1
        at, some = draw.randrange(len(data)), draw.randrange(1, 40)
        if kind == "flip":
            return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :], b""
        if kind == "drop":
            return data[:at] + data[at + some :], b""
        if kind == "repeat":
            return data + data[at:], b""
        if kind == "insert":
            return data[:at] + draw.randbytes(some) + data[at:], b""
        if kind == "reorder":
            return data[at:], data[:at]
        if kind == "garbage":
            return draw.randbytes(draw.randrange(1, 3000)), b""
        if kind == "restart":
            self._board.restart()
            return data[at:], b""
        if kind == "unplug":
            self._unplugged = True
            self._held = {"down": b"", "up": b""}
            return b"", b""
        if kind == "stall":
            self._clock.now += draw.uniform(0, 3)
            return data, b""
        return data[:at], b""

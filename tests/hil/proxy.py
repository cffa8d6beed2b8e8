"""A process behind a pseudo-terminal with a bad line in between: seeded, bounded faults."""

from __future__ import annotations

import os
import random
import select
import subprocess
import threading
import time
import tty
from collections import Counter
from collections.abc import Sequence

KINDS = ("flip", "drop", "repeat", "insert", "reorder", "cut", "stall")


class FaultProxy:
    """Starts a firmware process and offers its console, spoilt, at `path`.

    Args:
        argv: The process.
        seed: Of the faults.
        share: Chance of a fault per chunk that passes.
        most: Faults after which the line is clean.
        kinds: What may happen; "restart" starts the process again.
        baud: Paces both directions at so many bits per second; 0 = as fast as can be.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        seed: int = 0,
        share: float = 0.0,
        most: int = 0,
        kinds: Sequence[str] = KINDS,
        baud: int = 0,
    ) -> None:
        self.injected: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.errors = b""
        self._argv, self._share, self._most, self._kinds, self._baud = argv, share, most, kinds, baud
        self._random = random.Random(seed)
        self._near, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        self._slave = slave
        self._stop = threading.Event()
        self._cutting = threading.Lock()
        self._start_process()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, *error: object) -> None:
        self.cut()
        self._end_process()

    def cut(self) -> None:
        """Pulls the cable; what the process said on stderr is in `errors` after the block."""
        self._stop.set()
        self._thread.join()
        with self._cutting:  # a test's own thread may be at it when the block ends
            if self._near >= 0:
                os.close(self._near)
                os.close(self._slave)
                self._near = -1

    def _start_process(self) -> None:
        self._process = subprocess.Popen(
            self._argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )

    def _end_process(self) -> None:
        self._process.kill()
        self.errors += self._process.communicate()[1]

    def _serve(self) -> None:
        held = {"down": b"", "up": b""}
        free_at = {"down": 0.0, "up": 0.0}
        while not self._stop.is_set():
            now = time.monotonic()
            waiting = [self._source(way) for way in held if free_at[way] <= now]
            pause = 0.02 if len(waiting) == len(held) else 0.0005
            ready, _, _ = select.select(waiting, [], [], pause)
            for way in held:
                if self._source(way) not in ready:
                    continue
                data = os.read(self._source(way), 256 if self._baud else 512)
                if not data:
                    return  # the process ended
                self.bytes[way] += len(data)
                if self._baud:
                    # a late wake-up is caught up with
                    free_at[way] = max(now - 0.1, free_at[way]) + 10 * len(data) / self._baud
                data, held[way] = held[way] + data, b""
                if sum(self.injected.values()) < self._most and self._random.random() < self._share:
                    data, held[way] = self._spoil(data)
                self._pass(way, data)
                break  # a restart changes the descriptors
            if not ready:  # a chunk that was held back goes out once the line is quiet
                for way in held:
                    self._pass(way, held[way])
                    held[way] = b""

    def _source(self, way: str) -> int:
        assert self._process.stdout is not None
        return self._near if way == "down" else self._process.stdout.fileno()

    def _pass(self, way: str, data: bytes) -> None:
        assert self._process.stdin is not None
        target = self._process.stdin.fileno() if way == "down" else self._near
        while data and not self._stop.is_set():
            try:
                data = data[os.write(target, data) :]
            except BrokenPipeError:
                return

    def _spoil(self, data: bytes) -> tuple[bytes, bytes]:
        """Returns what passes now and what is held back."""
        kind = self._random.choice(self._kinds)
        self.injected[kind] += 1
        at = self._random.randrange(len(data))
        some = self._random.randrange(1, 40)
        if kind == "flip":
            return data[:at] + bytes([data[at] ^ (1 << self._random.randrange(8))]) + data[at + 1 :], b""
        if kind == "drop":
            return data[:at] + data[at + some :], b""
        if kind == "repeat":
            return data + data[at:], b""
        if kind == "insert":
            return data[:at] + self._random.randbytes(some) + data[at:], b""
        if kind == "reorder":
            return data[at:], data[:at]
        if kind == "cut":
            return data[:at], b""
        if kind == "restart":
            self._end_process()
            self._start_process()
            return b"", b""
        time.sleep(self._random.uniform(0, 0.05))
        return data, b""

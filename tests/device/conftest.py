"""A firmware that exercises its port, built once per board, and a console to it."""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edgekit.device import boards, firmware, tools
from edgekit.device.boards import Board
from edgekit.device.toolchain import Toolchain
from edgekit.errors import EnvironmentFailed
from tests.device import standin, tiny

PROBE = Path(__file__).parent / "firmware" / "probe.c"


def need(*names: str) -> None:
    """Skips where a tool is absent."""
    for name in names:
        try:
            tools.find(name)
        except EnvironmentFailed as error:
            pytest.skip(str(error))


def tools_of(board: Board) -> list[str]:
    compiler = f"{board.core.toolchain}-gcc" if board.core.toolchain else "host compiler"
    return [compiler, *([board.emulator.program] if board.emulator else [])]


class Console:
    """Bytes to and from a running firmware."""

    def __init__(self, board: Board, elf: Path) -> None:
        self.far, near = os.openpty()
        self.process = standin.start(board, elf, near)
        os.close(near)
        self.seen = b""

    def send(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.far, data) :]

    def take(self, count: int = 0, until: bytes = b"\n", seconds: float = 20.0) -> bytes:
        """Returns `count` bytes, or all up to `until`."""
        deadline = time.monotonic() + seconds
        while len(self.seen) < count if count else until not in self.seen:
            ready, _, _ = select.select([self.far], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"nothing more within {seconds} s, after {self.seen!r}"
            self.seen += os.read(self.far, 4096)
        end = count or self.seen.index(until) + len(until)
        taken, self.seen = self.seen[:end], self.seen[end:]
        return taken

    def number(self) -> int:
        return int(self.take())

    def close(self) -> str:
        said = standin.stop(self.process)
        os.close(self.far)
        return said


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Board, Path]]:
    """Returns the board and its probe firmware, by key."""
    made: dict[str, tuple[Board, Path]] = {}

    def build(key: str) -> tuple[Board, Path]:
        if key not in made:
            board = boards.load(key)
            need(*tools_of(board))
            toolchain = Toolchain(board, tmp_path_factory.mktemp(f"probe-{key}"))
            sources, includes = firmware.port_sources(board)
            objects = toolchain.compile([*sources, PROBE], includes, firmware.port_defines(board))
            made[key] = board, firmware.link(toolchain, objects, []).elf
        return made[key]

    return build


@pytest.fixture
def console(probe: Callable[[str], tuple[Board, Path]]) -> Iterator[Callable[[str], Console]]:
    """Returns a console to a freshly started probe firmware, by board."""
    opened: list[Console] = []

    def start(key: str) -> Console:
        opened.append(Console(*probe(key)))
        assert opened[-1].take() == b"ready\n"
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.fixture
def tiny_export(tmp_path: Path) -> Path:
    """A small export that needs nothing of a core."""
    return tiny.make(tmp_path / "export")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a shell script in place of a tool, alone in PATH; returns the file it writes its arguments to."""

    def make(program: str, script: str = "exit 0") -> Path:
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        log = tmp_path / f"{program}.log"
        path = folder / program
        path.write_text(f'#!/bin/sh\nfor word in "$@"; do echo "$word" >> "{log}"; done\n{script}\n')
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        return log

    return make


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

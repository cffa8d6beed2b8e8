"""Runs a firmware in its stand-in, with nothing of the session around it."""

from __future__ import annotations

import os
import signal
import subprocess
import tty
from pathlib import Path

from edgekit.device import emulator
from edgekit.device.boards import Board

_GRACE_SECONDS = 2.0


def start(board: Board, elf: Path, stream: int) -> subprocess.Popen[bytes]:
    """Starts the stand-in with its console on a file descriptor, in a process group of its own.

    Args:
        board: An emulated board, or the host.
        elf: The firmware.
        stream: Read and written by the firmware, e.g. the slave end of a pseudo-terminal; the
            caller closes its copy.
    """
    terminal = os.isatty(stream)
    if terminal:
        tty.setraw(stream)  # what is sent before the firmware is up must not come back as an echo
    command = emulator.argv(board, elf, "stdio" if terminal else "pipe")
    return subprocess.Popen(
        command, stdin=stream, stdout=stream, stderr=subprocess.PIPE, start_new_session=True
    )


def stop(process: subprocess.Popen[bytes]) -> str:
    """Ends a stand-in and all that it started, and returns the end of what it wrote to stderr."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            break
        try:
            os.killpg(process.pid, number)
            process.wait(_GRACE_SECONDS)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
    said = b""
    if process.stderr is not None:
        os.set_blocking(process.stderr.fileno(), False)
        said = process.stderr.read() or b""
        process.stderr.close()
    return said[-2000:].decode("utf-8", "replace").strip()

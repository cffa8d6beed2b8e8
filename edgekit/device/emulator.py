"""The process that stands in for a board: QEMU, or on the host the firmware itself.

Both speak over standard input and output, so whoever starts one gives it a pseudo-terminal, a socket
or a pipe. Emulated time runs on the instruction count, which makes a run repeatable.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tty
from pathlib import Path

from edgekit.device import tools
from edgekit.device.boards import Board
from edgekit.errors import EnvironmentFailed, InputError

_GRACE_SECONDS = 2.0


def argv(board: Board, elf: Path, serial: str = "stdio") -> list[str]:
    """Returns the command that runs a firmware without a board.

    The command ends itself when the thread that started it ends (where `setpriv` is installed, as on
    every Debian); nothing is left running by a process that was killed.

    Args:
        board: An emulated board, or the host.
        elf: The firmware.
        serial: Where the console is: "stdio", the terminal that is the process's standard input;
            "pipe", its standard input and output, which are no terminal; or another chardev of QEMU
            such as "unix:/path,server=on,wait=off". The host takes the first two, and they are the same.

    Raises:
        InputError: The board is neither emulated nor the host, or the console is not possible.
        EnvironmentFailed: QEMU is not installed.
    """
    guard = shutil.which("setpriv")
    prefix = [guard, "--pdeathsig", "KILL", "--"] if guard else []
    if board.is_host:
        if serial not in ("stdio", "pipe"):
            raise InputError(where=board.key, what=f"cannot speak over '{serial}'", expected="stdio or pipe")
        return [*prefix, str(Path(elf).resolve())]
    if board.emulator is None:
        raise InputError(
            where=board.key,
            what="is not emulated; it runs on hardware only",
            hint=f"edgekit flash DIR --target {board.key}, then edgekit hil with --port",
        )
    emulator = board.emulator
    # On a terminal QEMU's own "stdio" would turn every \n into \r\n; its "serial" leaves bytes as they are.
    backend = {"stdio": "serial,path=/dev/stdin", "pipe": "stdio,signal=off"}.get(serial)
    # The multiplexer buffers ahead of the UART's single byte, which doubles the rate; its escape character
    # is set to what no byte can be.
    console = ["-chardev", f"{backend},id=console,mux=on", "-serial", "chardev:console", "-echr", "0x100"]
    return [
        *prefix,
        str(tools.find(emulator.program)),
        *("-machine", emulator.machine),
        *emulator.args,
        *("-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none"),
        *(console if backend else ["-serial", serial]),
        *("-icount", f"shift={emulator.icount_shift}"),
        *("-semihosting-config", "enable=on,target=native"),
        *("-kernel", str(Path(elf).resolve())),
    ]


def start(board: Board, elf: Path, stream: int) -> subprocess.Popen[bytes]:
    """Starts the stand-in with its console on a file descriptor, in a process group of its own.

    Args:
        board: An emulated board, or the host.
        elf: The firmware.
        stream: Read and written by the firmware, e.g. the slave end of a pseudo-terminal; the
            caller closes its copy.

    Raises:
        InputError: The board is neither emulated nor the host.
        EnvironmentFailed: It cannot be started.
    """
    terminal = os.isatty(stream)
    if terminal:
        tty.setraw(stream)  # what is sent before the firmware is up must not come back as an echo
    command = argv(board, elf, "stdio" if terminal else "pipe")
    try:
        return subprocess.Popen(
            command, stdin=stream, stdout=stream, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise EnvironmentFailed(
            where=command[0], what=f"cannot be started: {error.strerror or error}"
        ) from error


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

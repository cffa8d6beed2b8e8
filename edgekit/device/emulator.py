"""The process that stands in for a board: QEMU, or on the host the firmware itself.

Both speak over standard input and output, so whoever starts one gives it a pseudo-terminal, a socket
or a pipe. Emulated time runs on the instruction count, which makes a run repeatable.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from edgekit.device import tools
from edgekit.device.boards import Board
from edgekit.errors import InputError


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

"""Writes a firmware to a board, with the tool that the board names and the user has."""

from __future__ import annotations

from pathlib import Path

from edgekit import files
from edgekit.device import tools
from edgekit.device.boards import Board, Flasher
from edgekit.errors import EnvironmentFailed, InputError, Problem

_SECONDS = 180.0
_SHOWN_LINES = 12


def flash(elf: Path, board: Board, *, probe: str = "", seconds: float = _SECONDS) -> str:
    """Writes a firmware, verifies it and resets the board; returns the tool that did it.

    Args:
        elf: The firmware.
        board: What it was built for.
        probe: Serial number of the debug probe, to tell two boards apart; "" if there is one.
        seconds: Deadline.

    Raises:
        InputError: There is nothing to flash: the host, or an emulated board.
        EnvironmentFailed: No tool for this board is installed, or the tool failed or hung.
    """
    if board.is_host or board.emulated:
        raise InputError(
            where=board.key,
            what="has nothing to flash: the firmware runs as a process"
            if board.is_host
            else "has nothing to flash: the emulator loads the firmware itself",
            hint=f"edgekit hil DIR --target {board.key}",
        )
    flasher, program = _choose(board)
    argv = command(flasher, program, elf, probe)
    done = tools.run(argv, cwd=elf.parent, seconds=seconds)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:])
        raise EnvironmentFailed(
            where=f"{flasher.tool} for {board.key}",
            what=f"failed with status {done.returncode}\n{said}",
            hint="is the board connected and powered, and no debugger attached to it?",
        )
    return flasher.tool


def command(flasher: Flasher, program: Path, elf: Path, probe: str = "") -> list[str]:
    """Returns the argument vector that writes, verifies and resets; J-Link's script lies beside the ELF.

    Args:
        flasher: Tool, and its name of the part.
        program: Where the tool is.
        elf: The firmware.
        probe: Serial number of the debug probe, or "".
    """
    elf = elf.resolve()
    if flasher.tool == "jlink":
        script = elf.with_suffix(".jlink")
        files.write_text(script, f'r\nloadfile "{elf}"\nr\ng\nexit\n')
        which = ["-SelectEmuBySN", probe] if probe else []
        return [
            *(str(program), *which, "-Device", flasher.device, "-If", "SWD"),
            *("-Speed", str(flasher.speed_khz), "-AutoConnect", "1", "-NoGui", "1"),
            *("-ExitOnError", "1", "-CommandFile", str(script)),
        ]
    if flasher.tool == "pyocd":
        which = ["--uid", probe] if probe else []
        return [
            *(str(program), "load", "--target", flasher.device, *which),
            *("--frequency", f"{flasher.speed_khz * 1000}", "--format", "elf", str(elf)),
        ]
    serial = ["-c", f"adapter serial {_tcl(probe)}"] if probe else []
    return [
        *(str(program), "-f", flasher.device, *serial, "-c", f"adapter speed {flasher.speed_khz}"),
        *("-c", f"program {_tcl(str(elf))} verify reset exit"),
    ]


def _tcl(text: str) -> str:
    """Returns `text` as one word of OpenOCD's command language."""
    if any(c in text for c in "{}\\"):
        raise InputError(where=text, what="OpenOCD cannot take this name", expected="no { } or \\ in it")
    return "{" + text + "}"


def _choose(board: Board) -> tuple[Flasher, Path]:
    missing: list[Problem] = []
    for flasher in board.flashers:
        try:
            return flasher, tools.find(flasher.tool)
        except EnvironmentFailed as error:
            missing += error.problems
    nothing = Problem(f"{board.key}: flashers", "names no tool", hint="see docs/adding-a-board.md")
    raise EnvironmentFailed(missing or [nothing])

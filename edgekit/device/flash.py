"""Writes a firmware to a board, with the tool that the board names and the user has."""

from __future__ import annotations

from pathlib import Path

from edgekit import files
from edgekit.device import tools, uf2
from edgekit.device.boards import Board, Flasher
from edgekit.errors import EnvironmentFailed, InputError, Problem

_SECONDS = 180.0
_SHOWN_LINES = 12
_HINTS = {"picotool": "is the board connected, in its boot loader? hold BOOTSEL while you plug it in"}


def flash(elf: Path, board: Board, *, probe: str = "", tool: str = "", seconds: float = _SECONDS) -> str:
    """Writes a firmware, verifies it and resets the board; returns the tool that did it.

    Args:
        elf: The firmware.
        board: What it was built for.
        probe: Serial number of the debug probe (UF2: folder of the drive), to tell two boards apart, or "".
        tool: The one to use; "" takes the first of the board's that is there.
        seconds: Deadline.

    Raises:
        InputError: There is nothing to flash (the host, an emulated board), or the tool does not flash it.
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
    flasher, program = _choose(board, tool)
    if flasher.tool == "uf2":
        uf2.copy(uf2.convert(elf, flasher.family), _drive(flasher, board, probe), seconds=seconds)
        return flasher.tool
    argv = command(flasher, program, elf, probe)
    done = tools.run(argv, cwd=elf.parent, seconds=seconds)
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_SHOWN_LINES:])
        raise EnvironmentFailed(
            where=f"{flasher.tool} for {board.key}",
            what=f"failed with status {done.returncode}\n{said}",
            hint=_HINTS.get(
                flasher.tool, "is the board connected and powered, and no debugger attached to it?"
            ),
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
    if flasher.tool == "picotool":
        which = ["--ser", probe] if probe else []
        return [str(program), "load", *which, "-v", "-x", str(elf), "-t", "elf"]
    interface = ["-f", flasher.interface] if flasher.interface else []
    serial = ["-c", f"adapter serial {_tcl(probe)}"] if probe else []
    return [
        *(str(program), *interface, "-f", flasher.device),
        *(*serial, "-c", f"adapter speed {flasher.speed_khz}"),
        *("-c", f"program {_tcl(str(elf))} verify reset exit"),
    ]


def _tcl(text: str) -> str:
    """Returns `text` as one word of OpenOCD's command language."""
    if any(c in text for c in "{}\\"):
        raise InputError(where=text, what="OpenOCD cannot take this name", expected="no { } or \\ in it")
    return "{" + text + "}"


def _choose(board: Board, tool: str) -> tuple[Flasher, Path]:
    """Returns what is to flash, and its program; for UF2, which needs none, any path."""
    flashers = [flasher for flasher in board.flashers if tool in ("", flasher.tool)]
    if tool and not flashers:
        raise InputError(
            where=f"--tool {tool}",
            what=f"does not flash {board.key}",
            expected=", ".join(flasher.tool for flasher in board.flashers),
        )
    missing: list[Problem] = []
    for flasher in flashers:
        if flasher.tool == "uf2":
            if uf2.drives(flasher.device):
                return flasher, Path()
            missing.append(uf2.missing(flasher.device, board.key))
            continue
        try:
            return flasher, tools.find(flasher.tool)
        except EnvironmentFailed as error:
            missing += error.problems
    nothing = Problem(f"{board.key}: flashers", "names no tool", hint="see docs/adding-a-board.md")
    raise EnvironmentFailed(missing or [nothing])


def _drive(flasher: Flasher, board: Board, wanted: str) -> Path:
    found = uf2.drives(flasher.device)
    chosen = [drive for drive in found if not wanted or drive == Path(wanted)]
    if len(chosen) != 1:
        raise EnvironmentFailed(
            where=board.key,
            what=f"no drive of its boot loader is {wanted}"
            if not chosen
            else f"{len(chosen)} boards show a drive",
            found=", ".join(map(str, found)),
            hint="name one: --probe FOLDER",
        )
    return chosen[0]

"""The programs that building, emulating and flashing need: where they are, or what installs them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edgekit.errors import EnvironmentFailed

_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that edgekit calls.

    Args:
        name: For messages and `edgekit doctor`.
        programs: Executables that will do, best first.
        purpose: What it is for.
        install: The line that installs it on Debian and Ubuntu.
        version_args: Arguments that make it print its version.
    """

    name: str
    programs: tuple[str, ...]
    purpose: str
    install: str
    version_args: tuple[str, ...] = ("--version",)


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("host compiler", ("gcc", "cc", "clang"), "builds the host target", "sudo apt-get install gcc"),
        Tool(
            "arm-none-eabi-gcc",
            ("arm-none-eabi-gcc",),
            "builds firmware for Cortex-M",
            "sudo apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi",
        ),
        Tool(
            "qemu-system-arm",
            ("qemu-system-arm",),
            "emulates boards with a Cortex-M",
            "sudo apt-get install qemu-system-arm",
        ),
        Tool(
            "riscv64-unknown-elf-gcc",
            ("riscv64-unknown-elf-gcc",),
            "builds firmware for RISC-V",
            "sudo apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
        ),
        Tool(
            "qemu-system-riscv32",
            ("qemu-system-riscv32",),
            "emulates boards with a 32-bit RISC-V",
            "sudo apt-get install qemu-system-misc",
        ),
        Tool(
            "jlink",
            ("JLinkExe", "JLink.exe", "JLink"),
            "flashes through a SEGGER J-Link",
            "install the J-Link Software Pack from https://www.segger.com/downloads/jlink/",
            ("-?",),
        ),
        Tool("pyocd", ("pyocd",), "flashes through a CMSIS-DAP or ST-Link probe", "pip install pyocd"),
        Tool(
            "picotool",
            ("picotool",),
            "flashes Raspberry Pi's RP2040 and RP2350 over USB",
            "build it from https://github.com/raspberrypi/picotool, or copy a UF2 file: --tool uf2",
            ("version",),
        ),
        Tool("openocd", ("openocd",), "flashes through most debug probes", "sudo apt-get install openocd"),
    )
}


def find(name: str) -> Path:
    """Returns the path of a tool.

    Args:
        name: A key of `TOOLS`.

    Raises:
        EnvironmentFailed: It is not installed; the message has the line that installs it.
    """
    tool = TOOLS[name]
    for program in tool.programs:
        if path := shutil.which(program):
            return Path(path)
    raise EnvironmentFailed(
        where=tool.programs[0],
        what=f"is not installed; it {tool.purpose}",
        expected=f"{' or '.join(tool.programs)} in PATH",
        hint=tool.install,
    )


def version(name: str) -> str:
    """Returns what a tool says its version is, or "" if it is absent or says nothing.

    Args:
        name: A key of `TOOLS`.
    """
    try:
        done = run([str(find(name)), *TOOLS[name].version_args], seconds=_SECONDS)
    except EnvironmentFailed:
        return ""
    said = re.sub(r"\([^)]*\)", "", done.stdout or done.stderr)  # in brackets: the packager's version
    match = re.search(r"\d+\.\d+(?:\.\d+)?", said)
    return match.group(0) if match else ""


def run(
    argv: Sequence[str], *, cwd: Path | None = None, seconds: float = 600.0
) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end and returns its status and output.

    Args:
        argv: Program and arguments; no shell is involved.
        cwd: Working folder.
        seconds: Deadline.

    Raises:
        EnvironmentFailed: It could not be started, or did not end in time (it is then killed).
    """
    try:
        return subprocess.run(
            argv,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentFailed(
            where=Path(argv[0]).name, what=f"did not end within {seconds:g} s and was stopped"
        ) from error
    except OSError as error:
        raise EnvironmentFailed(
            where=Path(argv[0]).name, what=f"cannot be started: {error.strerror or error}"
        ) from error

"""Links application and port into one image, each part in the memory that the board names for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from edgekit import files, paths
from edgekit.device import boards, size
from edgekit.device.boards import Board, Part
from edgekit.device.toolchain import Toolchain
from edgekit.errors import CheckFailed, EnvironmentFailed, Problem

ELF = "firmware.elf"


@dataclass(frozen=True, slots=True)
class Linked:
    """A firmware image.

    Args:
        elf: The file.
        where: Which memory holds each part; empty on the host.
    """

    elf: Path
    where: Mapping[Part, str]


def port_sources(board: Board) -> tuple[list[Path], list[Path]]:
    """Returns (sources, include folders) of a board's port and of what its core family shares."""
    ports = paths.share("firmware") / "ports"
    folders = [ports / board.port]
    if not folders[0].is_dir():
        raise EnvironmentFailed(
            where=f"{board.key}: port", what="no such port", expected=f"a folder {folders[0]}"
        )
    if board.core.family != board.port:
        folders.append(ports / board.core.family)
    sources = [path for folder in folders for path in sorted([*folder.glob("*.c"), *folder.glob("*.S")])]
    return sources, [ports, ports / "common", *folders]


def port_defines(board: Board) -> dict[str, str]:
    """Returns the constants that a port is compiled with."""
    numerator, denominator = board.counter_ratio
    constants = {
        **board.defines,
        "EK_CLOCK_HZ": board.clock_hz,
        "EK_CONSOLE_BAUD": board.console.baud,
        "EK_CONSOLE_RECEIVE_BYTES": board.console.receive_bytes,
        "EK_COUNTER_HZ": board.counter.hz,
        "EK_COUNTER_MUL": numerator,
        "EK_COUNTER_DIV": denominator,
    }
    defines = {name: f"{value}U" for name, value in constants.items()}
    defines["EK_BOARD"] = f'"{board.key}"'
    if board.emulated:
        defines["EK_SEMIHOSTING"] = "1"
    return defines


def link(toolchain: Toolchain, objects: Sequence[Path], features: Sequence[str]) -> Linked:
    """Links a firmware image; a part goes to the first of its memories that has room.

    Args:
        toolchain: Of the board.
        objects: Application, model and port.
        features: What the generated code needs of a core, to name boards that would do.

    Raises:
        CheckFailed: A memory is too small: which one, by how much, and which boards would do.
        EnvironmentFailed: The linker failed in another way.
    """
    board = toolchain.board
    elf = toolchain.build_dir / ELF
    if board.is_host:
        if said := toolchain.link(objects, elf, ["-lm"]):
            raise _refused(toolchain, said)
        return Linked(elf, {})
    said = ""
    for where in _placements(board):
        said = toolchain.link(objects, elf, _arguments(toolchain, board, where))
        if not said:
            return Linked(elf, where)
        if not _overflows(said):
            raise _refused(toolchain, said)
    needed = _needed(toolchain, objects)
    raise CheckFailed(
        Problem(
            where=f"{board.key}: {name}",
            what=f"the firmware does not fit: over by {over} bytes",
            expected=f"at most {board.memory(name).length} bytes",
            found=f"{board.memory(name).length + over} bytes",
            hint=_who_would_do(needed, features),
        )
        for name, over in _overflows(said).items()
    )


def _placements(board: Board) -> list[dict[Part, str]]:
    assert board.placement is not None  # only the host has none
    parts = get_args(Part)
    choices = [getattr(board.placement, part) for part in parts]
    return [dict(zip(parts, names, strict=True)) for names in itertools.product(*choices)]


def _arguments(toolchain: Toolchain, board: Board, where: Mapping[Part, str]) -> list[str]:
    script = toolchain.build_dir / "firmware.ld"
    files.write_text(script, render("device/firmware.ld.j2", board=board, where=where))
    return ["-nostartfiles", f"-T{script}", "-lm"]


def _overflows(said: str) -> dict[str, int]:
    found = re.findall(r"region `(\w+)' overflowed by (\d+) bytes", said)
    return {name: int(over) for name, over in found}


def _needed(toolchain: Toolchain, objects: Sequence[Path]) -> dict[str, int]:
    """Returns what the image needs of flash and RAM, by linking it for memories without end."""
    board = toolchain.board
    flash = boards.Memory(name="FLASH", origin=0, length=1 << 31, kind="flash")
    ram = boards.Memory(name="RAM", origin=1 << 31, length=1 << 31, kind="ram")
    assert board.placement is not None
    endless = board.model_copy(update={"memories": [flash, ram]})
    where: dict[Part, str] = {
        "code": "FLASH",
        "weights": "FLASH",
        "data": "RAM",
        "stack": "RAM",
        "arena": "RAM",
    }
    elf = toolchain.build_dir / "endless.elf"
    if toolchain.link(objects, elf, _arguments(toolchain, endless, where)):
        return {}
    usage = size.usage(elf, endless)
    elf.unlink()
    return {name: used.used for name, used in usage.items()}


def _who_would_do(needed: Mapping[str, int], features: Sequence[str]) -> str:
    if not needed:
        return "choose a board with more memory, or a smaller model"
    fits = boards.fitting(needed["FLASH"], needed["RAM"], features)
    total = f"{needed['FLASH']} bytes of flash and {needed['RAM']} of RAM are needed; "
    return total + (f"these boards have them: {', '.join(fits)}" if fits else "no known board has them")


def _refused(toolchain: Toolchain, said: str) -> EnvironmentFailed:
    lines = [line for line in said.splitlines() if "warning:" not in line][:8]
    return EnvironmentFailed(
        where=f"{toolchain.description} for {toolchain.board.key}",
        what="the firmware does not link\n" + "\n".join(f"  {line}" for line in lines),
    )


def render(template: str, **values: Any) -> str:
    """Returns a template under templates/, rendered; an unknown name in it is an error."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(paths.share("templates")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(template).render(**values)

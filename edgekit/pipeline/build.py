"""Stage 5: firmware from an exported folder, and its way onto the board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edgekit import console
from edgekit.device import boards, size
from edgekit.device.build import Built
from edgekit.device.build import build as build_firmware


def make(folder: Path, target: str, *, profile: bool = False) -> Built:
    """Builds the validation firmware; what is up to date is kept.

    Args:
        folder: What `edgekit export` wrote.
        target: A board's key or path.
        profile: Whether it tells the cost of each node; that lies in a folder of its own.
    """
    board = boards.load(target)
    with console.status(f"Building firmware for {board.key}"):
        if profile:
            own = Path(folder) / "build" / f"{board.key}-profile"
            return build_firmware(folder, board, build_dir=own.resolve(), defines={"EK_PROFILE": "1"})
        return build_firmware(folder, board)


def build(folder: Path, target: str, *, profile: bool = False) -> dict[str, Any]:
    """Builds the validation firmware and prints its sizes.

    Args:
        folder: What `edgekit export` wrote.
        target: A board's key or path.
        profile: Whether it tells the cost of each node.

    Returns:
        The image and what it costs.
    """
    built = make(folder, target, profile=profile)
    show(built)
    return {
        "elf": str(built.elf),
        "board": built.board.key,
        "memory": built.memory.to_dict(),
        "usage": {name: {"used": m.used, "length": m.length} for name, m in built.usage.items()},
        **built.conditions(),
    }


def flash(folder: Path, target: str, *, profile: bool = False) -> dict[str, Any]:
    """Builds the firmware if needed and writes it to the board.

    Args:
        folder: What `edgekit export` wrote.
        target: A board's key or path.
        profile: Whether the firmware tells the cost of each node.
    """
    from edgekit.device.flash import flash as flash_image

    built = make(folder, target, profile=profile)
    with console.status(f"Flashing {built.board.key}"):
        tool = flash_image(built.elf, built.board)
    console.say(f"flashed with {tool}")
    return {"elf": str(built.elf), "board": built.board.key, "tool": tool}


def show(built: Built) -> None:
    """Prints what a firmware costs."""
    memory = built.memory
    console.say(f"{built.elf}  ({built.compiler})")
    table = console.table("Inference alone", ["part", "bytes", "of"])
    table.add_row("weights", f"{memory.weights_bytes:,}", "flash")
    table.add_row("code", f"{memory.code_bytes:,}", "flash")
    table.add_row("arena", f"{memory.arena_bytes:,}", "RAM")
    table.add_row("static", f"{memory.static_ram_bytes:,}", "RAM")
    console.stdout().print(table)
    if built.usage:
        table = console.table("Whole firmware", ["memory", "used", "of", "share"])
        for row in size.rows(built.usage):
            table.add_row(*row)
        console.stdout().print(table)

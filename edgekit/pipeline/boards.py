"""What `edgekit boards` shows."""

from __future__ import annotations

from edgekit import console
from edgekit.device import boards
from edgekit.device.boards import Board
from edgekit.errors import EdgekitError


def listing(name: str = "") -> list[Board]:
    """Returns one board, or all that can be read; broken files of the user's are named and left out.

    Args:
        name: A key or a path, or "" for all.

    Raises:
        InputError: There is no such board.
    """
    if name:
        return [boards.load(name)]
    found = []
    for key in boards.keys():
        try:
            found.append(boards.load(key))
        except EdgekitError as error:
            console.warn(f"left out: {error}")
    return found


def show_all(found: list[Board]) -> None:
    """Prints the table of boards."""
    table = console.table("Boards", ["name", "what", "core", "flash KiB", "RAM KiB", "runs"])
    for board in found:
        runs = "here" if board.is_host else "emulated (QEMU)" if board.emulated else "on hardware"
        flash, ram = (_kib(board, kind) for kind in ("flash", "ram"))
        table.add_row(board.key, board.title, board.core.name, flash, ram, runs)
    console.stdout().print(table)


def show_one(board: Board) -> None:
    """Prints all that is known of one board, with the sources of the figures."""
    out = console.stdout()
    out.print(f"{board.key}  {board.title}")
    out.print(f"core      {board.core.name} {' '.join(board.core.features)}  {' '.join(board.core.flags)}")
    if board.clock_hz:
        out.print(f"clock     {board.clock_hz / 1e6:g} MHz, caches: {board.caches}")
    out.print(f"counter   {board.counter.unit}: {board.counter.what}")
    out.print(f"console   {board.console.baud} baud {' '.join(board.console.usb)}".rstrip())
    if board.memories:
        table = console.table("", ["memory", "kind", "origin", "KiB", "note"])
        for memory in board.memories:
            table.add_row(
                memory.name, memory.kind, f"0x{memory.origin:08x}", f"{memory.length / 1024:g}", memory.note
            )
        out.print(table)
    if board.placement:
        for part, names in board.placement.model_dump().items():
            if isinstance(names, list):
                out.print(f"{part:<9} in {', then '.join(names)}")
    if board.sources:
        table = console.table("", ["fact", "source", "verified"])
        for source in board.sources:
            table.add_row(source.fact, source.source, "yes" if source.verified else "no")
        out.print(table)


def _kib(board: Board, kind: str) -> str:
    total = sum(memory.length for memory in board.memories if memory.kind == kind)
    return f"{total / 1024:g}" if total else "-"

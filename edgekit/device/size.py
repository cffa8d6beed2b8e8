"""What a firmware costs in flash and RAM, read from linked ELF files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from edgekit.device.boards import Board
from edgekit.errors import EnvironmentFailed

STACK_FREE = 512  # bytes of stack that any caller has anyway; what goes beyond counts as arena

_WRITE, _ALLOC, _EXECUTE = 1, 2, 4  # ELF section flags


@dataclass(frozen=True, slots=True)
class Memory:
    """What inference needs, in bytes.

    Args:
        arena_bytes: Activations, scratch, and `_invoke`'s stack beyond 512 bytes.
        static_ram_bytes: Initialised and zeroed variables besides the arena.
        code_bytes: Kernels, generated code, tables, libc helpers, initial values; no weights.
        weights_bytes: Read-only model data.
    """

    arena_bytes: int
    static_ram_bytes: int
    code_bytes: int
    weights_bytes: int

    def with_stack(self, stack_bytes: int) -> Memory:
        """Returns the same with the stack of `_invoke`, as painted and measured on the board.

        Args:
            stack_bytes: Deepest use below the caller; 0 where it was not measured.
        """
        arena = self.arena_bytes + max(0, stack_bytes - STACK_FREE)
        return Memory(arena, self.static_ram_bytes, self.code_bytes, self.weights_bytes)

    def to_dict(self) -> dict[str, int]:
        """Returns the record's `memory`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Usage:
    """How full one memory of the board is, in bytes."""

    used: int
    length: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section that takes memory on the board."""

    name: str
    address: int
    load_address: int
    bytes: int
    writable: bool
    in_file: bool


def sections(elf: Path) -> list[Section]:
    """Returns the allocated, non-empty sections of an ELF file, in its order.

    Raises:
        EnvironmentFailed: The file is no ELF.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    found = []
    try:
        with elf.open("rb") as file:
            image = ELFFile(file)
            segments = [s for s in image.iter_segments() if s["p_type"] == "PT_LOAD"]
            for section in image.iter_sections():
                if not section["sh_flags"] & _ALLOC or section["sh_size"] == 0:
                    continue
                address = section["sh_addr"]
                offset = next(
                    (
                        segment["p_paddr"] - segment["p_vaddr"]
                        for segment in segments
                        if segment["p_vaddr"] <= address < segment["p_vaddr"] + segment["p_memsz"]
                    ),
                    0,
                )
                found.append(
                    Section(
                        name=section.name,
                        address=address,
                        load_address=address + offset,
                        bytes=section["sh_size"],
                        writable=bool(section["sh_flags"] & _WRITE),
                        in_file=section["sh_type"] != "SHT_NOBITS",
                    )
                )
    except (ELFError, OSError) as error:
        raise EnvironmentFailed(where=str(elf), what=f"is not a readable ELF file: {error}") from error
    return found


def loads(elf: Path) -> list[tuple[int, bytes]]:
    """Returns (address, content) of what is written to the board, initial values of variables among it.

    Raises:
        EnvironmentFailed: The file is no ELF.
    """
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        with elf.open("rb") as file:
            return [
                (segment["p_paddr"], segment.data())
                for segment in ELFFile(file).iter_segments()
                if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]
            ]
    except (ELFError, OSError) as error:
        raise EnvironmentFailed(where=str(elf), what=f"is not a readable ELF file: {error}") from error


def usage(elf: Path, board: Board) -> dict[str, Usage]:
    """Returns how many bytes of each of the board's memories a firmware takes.

    Initialised variables count twice: where they live, and where their initial values lie.
    """
    used = {memory.name: 0 for memory in board.memories}
    for section in sections(elf):
        addresses = {section.address}
        if section.in_file:
            addresses.add(section.load_address)
        for address in addresses:
            for memory in board.memories:
                if memory.origin <= address < memory.end:
                    used[memory.name] += section.bytes
    return {memory.name: Usage(used[memory.name], memory.length) for memory in board.memories}


def inference(elf: Path, arena_bytes: int) -> Memory:
    """Returns what inference alone needs.

    Args:
        elf: Linked with templates/device/size.ld.j2, whose only root is init and invoke.
        arena_bytes: As the manifest says.
    """
    bytes_of = {section.name: section.bytes for section in sections(elf)}

    def total(*names: str) -> int:
        return sum(bytes_of.get(name, 0) for name in names)

    return Memory(
        arena_bytes=arena_bytes,
        static_ram_bytes=total(".data", ".bss"),
        code_bytes=total(".text", ".rodata", ".data"),
        weights_bytes=total(".weights"),
    )


def rows(used: Mapping[str, Usage]) -> Iterator[tuple[str, str, str, str]]:
    """Yields (memory, used, length, share) for a table; memories that hold nothing are left out."""
    for name, memory in used.items():
        if memory.used:
            yield name, f"{memory.used}", f"{memory.length}", f"{100 * memory.used / memory.length:.1f} %"

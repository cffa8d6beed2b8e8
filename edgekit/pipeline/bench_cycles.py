"""Modelled cycles of one inference on an emulated Cortex-M4: a plugin of QEMU counts each instruction."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgekit import paths
from edgekit.device import cycles, emulator, tools
from edgekit.device.build import Built
from edgekit.errors import EnvironmentFailed
from edgekit.hil import run as hil
from edgekit.hil.session import Session
from edgekit.hil.transport import Transport
from edgekit.manifest import Manifest
from edgekit.pipeline import vectors

CORE = "cortex-m4"
_VECTORS = 3
_STOP = "ek_port_stack_high_water"  # what the application calls next after the model


def modelled(built: Built) -> float:
    """Returns the modelled cycles of one inference, on random vectors.

    Args:
        built: Firmware for an emulated board with a Cortex-M4.

    Raises:
        EnvironmentFailed: No compiler for the plugin, or a QEMU that does not take it.
    """
    exported = built.manifest
    folder = built.elf.parent / "cycles"
    folder.mkdir(exist_ok=True)
    plugin = _plugin(folder)
    low, high, symbols = _code(built.elf)
    counts = folder / "counts.bin"
    counts.write_bytes(bytes((high - low) // 2 * 8))
    start, stop = symbols[f"{exported.name}_invoke"], symbols[_STOP]
    given = f"{plugin},low={low},high={high},start={start},stop={stop},out={counts}"
    _run(built, exported, ["-plugin", given])
    found = np.fromfile(counts, "<u8")
    executed = {low + 2 * int(i): int(found[i]) for i in np.flatnonzero(found)}
    listing = tools.run(
        [str(tools.find("arm-none-eabi-gcc").with_name("arm-none-eabi-objdump")), "-d", "--no-show-raw-insn",
         str(built.elf)], cwd=folder,
    )  # fmt: skip
    total = cycles.cortex_m4(cycles.instructions(listing.stdout), executed)
    return total / executed[start]


def _run(built: Built, exported: Manifest, arguments: list[str]) -> None:
    argv = [*emulator.argv(built.board, built.elf), *arguments]
    packed = hil.pack_inputs(exported.inputs, vectors.random(exported.inputs, _VECTORS, seed=0).inputs)
    with Session(Transport.spawn(argv, name=built.board.key), deadline=120.0) as session:
        session.run(packed)


def _plugin(folder: Path) -> Path:
    made = folder / "ek_count_plugin.so"
    source = paths.share("firmware") / "tools" / "ek_count_plugin.c"
    compiler = tools.find("host compiler")
    done = tools.run(
        [str(compiler), "-O2", "-fPIC", "-shared", "-fvisibility=hidden", str(source), "-o", str(made)],
        cwd=folder,
    )
    if done.returncode != 0:
        raise EnvironmentFailed(where=str(source), what=f"does not compile: {done.stderr[:300]}")
    return made


def _code(elf: Path) -> tuple[int, int, dict[str, int]]:
    """Returns the first address of the code, that behind it, and the functions' addresses by name."""
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    with elf.open("rb") as file:
        image = ELFFile(file)
        text, table = image.get_section_by_name(".text"), image.get_section_by_name(".symtab")
        if text is None or not isinstance(table, SymbolTableSection):
            raise EnvironmentFailed(where=str(elf), what="has no code or no symbols")
        symbols = {
            symbol.name: symbol["st_value"] & ~1
            for symbol in table.iter_symbols()
            if symbol["st_info"]["type"] == "STT_FUNC"
        }
        return text["sh_addr"], text["sh_addr"] + text["sh_size"], symbols

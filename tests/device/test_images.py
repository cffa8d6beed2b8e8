"""Images of boards that nobody runs here: they begin where the core looks, and stay within the memories."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from edgekit.device import boards
from edgekit.device.boards import Board

# Where the core (or the boot loader in front) takes the stack pointer and the first address from, and the
# length of the table: sixteen entries and the interrupts up to the highest that the port enables.
VECTORS = {
    "apollo4": 0x0001_8000,
    "apollo510": 0x0041_0000,
    "nano33ble": 0x0001_0000,
    "nrf52840dk": 0x0000_0000,
    "nrf5340dk": 0x0000_0000,
    "rpi-pico": 0x1000_0400,  # behind the second stage of booting
    "rpi-pico2": 0x1000_0000,
    "nucleo-f446re": 0x0800_0000,
    "nucleo-h743zi": 0x0800_0000,
}
HARDWARE = [key for key, board in boards.all_boards().items() if not board.is_host and not board.emulated]


class Image:
    """What of an ELF file is written to the board."""

    def __init__(self, elf: Path) -> None:
        with elf.open("rb") as file:
            parsed = ELFFile(file)
            table = parsed.get_section_by_name(".symtab")
            self.symbols = {symbol.name: symbol["st_value"] for symbol in table.iter_symbols()}
            self.loads = [
                (segment["p_paddr"], segment.data())
                for segment in parsed.iter_segments()
                if segment["p_type"] == "PT_LOAD" and segment["p_filesz"]
            ]

    def words(self, address: int, count: int) -> tuple[int, ...]:
        for start, data in self.loads:
            if start <= address < start + len(data):
                return struct.unpack_from(f"<{count}I", data, address - start)
        raise AssertionError(f"nothing is written at {address:#x}")


def within(board: Board, address: int, kind: str) -> bool:
    return any(m.origin <= address < m.end for m in board.memories if m.kind == kind)


def test_every_board_that_nobody_runs_is_listed():
    assert set(VECTORS) == set(HARDWARE)


@pytest.mark.board
@pytest.mark.parametrize("key", HARDWARE)
def test_the_vector_table_lies_where_the_core_looks(probe, key):
    board, elf = probe(key)
    image = Image(elf)
    irqs = board.defines["EK_IRQS"]
    stack, reset, *vectors = image.words(VECTORS[key], 16 + irqs)
    assert image.symbols["ek_vectors"] == VECTORS[key]
    assert stack == image.symbols["__stack_top"]
    assert stack % 8 == 0
    assert within(board, stack - 4, "ram")
    assert reset == image.symbols["ek_reset_handler"] | 1
    assert set(vectors[:14]) == {image.symbols["ek_fault_handler"] | 1}
    assert set(vectors[14:]) == {image.symbols["ek_port_irq"] | 1}
    assert board.defines["EK_UART_IRQ"] < irqs
    assert all(within(board, address & ~1, "flash") for address in (reset, *vectors))


@pytest.mark.board
@pytest.mark.parametrize("key", HARDWARE)
def test_nothing_is_written_outside_the_flash(probe, key):
    board, elf = probe(key)
    for start, data in Image(elf).loads:
        assert within(board, start, "flash")
        assert within(board, start + len(data) - 1, "flash")
    symbols = Image(elf).symbols
    for name in ("__stack_limit", "__data_start", "__bss_start", "__arena_start"):
        assert within(board, symbols[name], "ram")


@pytest.mark.parametrize("key", HARDWARE)
def test_what_nobody_has_run_says_so(key):
    board = boards.load(key)
    assert any("nobody has run it" in one.fact for one in board.sources if not one.verified)
    assert sum(one.verified for one in board.sources) >= 4
    assert board.console.baud >= 115200
    assert board.counter.hz == board.clock_hz


def crc32_mpeg2(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


@pytest.mark.board
def test_rp2040_boots_through_a_second_stage_whose_crc_holds(probe):
    """What the boot ROM checks, and where that stage then goes."""
    board, elf = probe("rpi-pico")
    stage = struct.pack("<64I", *Image(elf).words(board.memory("FLASH").origin, 64))
    assert crc32_mpeg2(b"123456789") == 0x0376E6E7
    assert struct.unpack_from("<I", stage, 252) == (crc32_mpeg2(stage[:252]),)
    assert VECTORS["rpi-pico"] in struct.unpack("<64I", stage)


@pytest.mark.board
def test_rp2350_finds_its_image_definition(probe):
    """A block of the first 4 KB whose only item says: executable, secure, Arm, RP2350."""
    board, elf = probe("rpi-pico2")
    at = Image(elf).symbols["ek_image_definition"]
    assert board.memory("FLASH").origin <= at
    assert at + 20 <= board.memory("FLASH").origin + 4096
    assert Image(elf).words(at, 5) == (0xFFFFDED3, 0x10210142, 0x000001FF, 0, 0xAB123579)

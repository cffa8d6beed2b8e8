"""UF2: the file says what the firmware says, and goes to the right drive."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edgekit.device import boards, flash, size, uf2
from edgekit.errors import EnvironmentFailed

PICO, PICO2 = "rpi-pico", "rpi-pico2"


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Returns a maker of drives; the real ones of this computer are not seen, and no tool is."""
    monkeypatch.setattr(uf2, "_MOUNTS", (f"{tmp_path}/media/*",))
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(name: str, board_id: str) -> Path:
        folder = tmp_path / "media" / name
        folder.mkdir(parents=True)
        (folder / uf2.INFO).write_bytes(
            f"UF2 Bootloader v3.0\r\nModel: Raspberry Pi\r\nBoard-ID: {board_id}\r\n".encode()
        )
        return folder

    return make


@pytest.fixture
def segments(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bytes]]:
    """What the firmware loads: a head that ends within a page, a gap, and more in that page and the next."""
    loads = [(0x1000_0000, bytes(range(256)) + b"tail"), (0x1000_01F0, b"x" * 32)]
    monkeypatch.setattr(size, "loads", lambda elf: loads)
    return loads


def boot_loader(drive: Path, taken: list[bytes]) -> threading.Thread:
    """Takes the image from the drive, then lets the drive go, as a boot loader does."""

    def run() -> None:
        until = time.monotonic() + 10
        path = drive / "firmware.uf2"
        while time.monotonic() < until and (not path.exists() or path.stat().st_size == 0):
            time.sleep(0.01)
        time.sleep(0.05)
        taken.append(path.read_bytes())
        (drive / uf2.INFO).unlink()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def read_back(image: bytes, family: int) -> dict[int, bytes]:
    """Reads a UF2 file as the format's description tells it."""
    assert len(image) % 512 == 0
    pages = {}
    for number in range(len(image) // 512):
        block = image[512 * number : 512 * (number + 1)]
        first, second, flags, address, count, index, total, found = struct.unpack_from("<8I", block)
        assert (first, second, flags) == (0x0A324655, 0x9E5D5157, 0x2000)
        assert (count, index, total, found) == (256, number, len(image) // 512, family)
        assert address % 256 == 0
        assert struct.unpack_from("<I", block, 508) == (0x0AB16F30,)
        assert block[32 + 256 : 508] == bytes(476 - 256)
        pages[address] = block[32 : 32 + 256]
    return pages


def test_the_file_holds_every_byte_once(segments):
    pages = read_back(uf2.convert(Path("firmware.elf"), 0xE48BFF56), 0xE48BFF56)
    assert sorted(pages) == [0x1000_0000, 0x1000_0100, 0x1000_0200]
    assert pages[0x1000_0000] == bytes(range(256))
    assert pages[0x1000_0100] == b"tail" + bytes(0xEC) + b"x" * 16
    assert pages[0x1000_0200] == b"x" * 16 + bytes(240)


@pytest.mark.board
@pytest.mark.parametrize("key", [PICO, PICO2])
def test_a_whole_firmware_comes_back(probe, key):
    board, elf = probe(key)
    family = next(flasher.family for flasher in board.flashers if flasher.tool == "uf2")
    pages = read_back(uf2.convert(elf, family), family)
    assert min(pages) == board.memory("FLASH").origin
    for address, data in size.loads(elf):
        for at in range(address, address + len(data)):
            assert pages[at - at % 256][at % 256] == data[at - address]


def test_the_boards_drive_is_found_among_others_and_written(mounts, segments, tmp_path):
    mounts("other", "SAMD21")
    (tmp_path / "media" / "stick").mkdir()
    drive = mounts("pico", "RPI-RP2")
    taken: list[bytes] = []
    thread = boot_loader(drive, taken)
    assert flash.flash(tmp_path / "firmware.elf", boards.load(PICO), seconds=10) == "uf2"
    thread.join()
    assert taken == [uf2.convert(Path(), 0xE48BFF56)]


def test_a_drive_that_stays_did_not_take_the_image(mounts, segments, tmp_path):
    mounts("pico", "RP2350")
    with pytest.raises(EnvironmentFailed, match="did not take the image"):
        flash.flash(tmp_path / "firmware.elf", boards.load(PICO2), seconds=0.2)


def test_a_drive_that_cannot_be_written(mounts, segments, tmp_path):
    (mounts("pico", "RP2350") / "firmware.uf2").mkdir()
    with pytest.raises(EnvironmentFailed, match="cannot be written"):
        flash.flash(tmp_path / "firmware.elf", boards.load(PICO2), seconds=0.2)


def test_no_drive_says_how_to_get_one_and_what_else_would_do(mounts, tmp_path):
    mounts("pico2", "RP2350")
    with pytest.raises(EnvironmentFailed) as caught:
        flash.flash(tmp_path / "firmware.elf", boards.load(PICO))
    assert "Board-ID: RPI-RP2" in str(caught.value)
    assert "hold BOOTSEL" in str(caught.value)
    assert "picotool" in str(caught.value)


def test_two_drives_are_told_apart_by_their_folder(mounts, segments, tmp_path):
    one, two = mounts("one", "RPI-RP2"), mounts("two", "RPI-RP2")
    with pytest.raises(EnvironmentFailed, match="2 boards show a drive") as caught:
        flash.flash(tmp_path / "firmware.elf", boards.load(PICO))
    assert str(one) in str(caught.value)
    assert "--probe" in str(caught.value)
    taken: list[bytes] = []
    thread = boot_loader(two, taken)
    flash.flash(tmp_path / "firmware.elf", boards.load(PICO), probe=str(two), seconds=10)
    thread.join()
    assert len(taken) == 1
    assert not (one / "firmware.uf2").exists()

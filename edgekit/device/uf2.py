"""UF2: a firmware as blocks that a boot loader takes as a file on its USB drive.

The format is Microsoft's (https://github.com/microsoft/uf2): blocks of 512 bytes, each with the address of
its 256 bytes, so that they may arrive in any order.
"""

from __future__ import annotations

import os
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from edgekit.device import size
from edgekit.errors import EnvironmentFailed, Problem

INFO = "INFO_UF2.TXT"  # what tells the drive of a boot loader from others
_MAGIC = (0x0A324655, 0x9E5D5157, 0x0AB16F30)
_FAMILY_PRESENT = 0x2000
_PAGE = 256
_MAX_INFO_BYTES = 4096
_POLL_SECONDS = 0.1
# Where systems mount a user's drives: Debian and Ubuntu, Fedora and Arch, by hand, macOS.
_MOUNTS = ("/media/*", "/media/*/*", "/run/media/*/*", "/mnt/*", "/Volumes/*")


def convert(elf: Path, family: int) -> bytes:
    """Returns the UF2 file of a firmware.

    Args:
        elf: The firmware; what its segments load at physical addresses is written.
        family: Number of the chip's family, which its boot loader checks.

    Raises:
        EnvironmentFailed: The file is no ELF, or loads nothing.
    """
    pages: dict[int, bytearray] = {}
    for address, data in size.loads(elf):
        for start in range(address - address % _PAGE, address + len(data), _PAGE):
            first, behind = max(start, address), min(start + _PAGE, address + len(data))
            page = pages.setdefault(start, bytearray(_PAGE))
            page[first - start : behind - start] = data[first - address : behind - address]
    if not pages:
        raise EnvironmentFailed(where=str(elf), what="has nothing to write")
    blocks = []
    for number, (address, page) in enumerate(sorted(pages.items())):
        head = struct.pack("<8I", *_MAGIC[:2], _FAMILY_PRESENT, address, _PAGE, number, len(pages), family)
        blocks.append(head + bytes(page).ljust(476, b"\0") + struct.pack("<I", _MAGIC[2]))
    return b"".join(blocks)


def drives(board_id: str) -> list[Path]:
    """Returns the mounted drives of boot loaders that call themselves `board_id`."""
    return [folder for folder in _mounted() if _board_id(folder) == board_id]


def copy(image: bytes, drive: Path, *, seconds: float) -> None:
    """Writes a UF2 file to a drive and waits until the boot loader has taken it.

    Args:
        image: From `convert`.
        drive: From `drives`.
        seconds: Deadline for the drive to go away, which is how a boot loader says that it is done.

    Raises:
        EnvironmentFailed: The drive is full, read-only or gone too early, or does not go away.
    """
    try:
        with (drive / "firmware.uf2").open("wb") as file:
            file.write(image)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if (drive / INFO).exists():  # else the boot loader took the last block before the file was closed
            raise EnvironmentFailed(
                where=str(drive), what=f"cannot be written: {error.strerror or error}"
            ) from error
    until = time.monotonic() + seconds
    while (drive / INFO).exists():
        if time.monotonic() > until:
            raise EnvironmentFailed(
                where=str(drive),
                what=f"is still there after {seconds:g} s: the boot loader did not take the image",
                hint="press the reset button, enter the boot loader again and repeat",
            )
        time.sleep(_POLL_SECONDS)


def missing(board_id: str, key: str) -> Problem:
    """Returns the problem of a board whose drive is not mounted."""
    return Problem(
        where=f"{key}: UF2",
        what="no drive of the board's boot loader is mounted",
        expected=f"a drive whose {INFO} says 'Board-ID: {board_id}'",
        hint="hold BOOTSEL while you plug the board in, and let the drive be mounted",
    )


def _mounted() -> Sequence[Path]:
    if sys.platform == "win32":
        return [Path(f"{letter}:\\") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    return sorted({path for pattern in _MOUNTS for path in Path("/").glob(pattern.lstrip("/"))})


def _board_id(folder: Path) -> str:
    try:
        with (folder / INFO).open("rb") as file:
            text = file.read(_MAX_INFO_BYTES).decode("ascii", "replace")
    except OSError:
        return ""
    found = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("Board-ID:")]
    return found[0] if found else ""

"""Reads and writes picture files through Pillow, with bounds, and with every kind of damage named."""

from __future__ import annotations

import functools
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.data.base import need_package
from edgekit.errors import InputError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".ppm", ".pgm"})
Mode = Literal["rgb", "grey"]
Span = tuple[int, int]
"""Offset and length in bytes of a picture within a file of several."""

_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "PPM")
_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})  # 8 bits or fewer
_DAMAGE = (
    OSError, ValueError, SyntaxError, EOFError, struct.error, zlib.error, TypeError, IndexError, KeyError,
    OverflowError, MemoryError,
)  # fmt: skip
_ORIENTATION = 0x0112  # Exif's tag
_MOST_BYTES = 256 << 20
_MOST_PIXELS = 64 << 20


def size(path: Path, span: Span | None = None) -> tuple[int, int]:
    """Returns width and height of a picture, from its header alone.

    Args:
        path: PNG, JPEG, BMP, TIFF, WebP or PPM.
        span: Where in `path` the picture lies; None = it is the whole file.

    Raises:
        InputError: It is missing, empty, no such picture, has more than 8 bits per channel or is too large.
        EnvironmentFailed: Pillow is not installed.
    """
    with _opened(path, span) as image:
        return int(image.width), int(image.height)


def orientation(path: Path) -> int:
    """Returns how Exif asks for a picture to be shown, 1 to 8; 1 = as it is stored, or it says nothing.

    Args:
        path: As for `size`.

    Raises:
        InputError: As `size` does.
    """
    with _opened(path, None) as image:
        if image.format == "PNG" and "exif" not in image.info:
            return 1  # Pillow would read all of it for a chunk at its end
        try:
            found = image.getexif().get(_ORIENTATION, 1)
        except (*_DAMAGE, AttributeError):
            return 1
    return found if found in range(1, 9) else 1


def read(path: Path, mode: Mode = "rgb", span: Span | None = None) -> NDArray[np.uint8]:
    """Returns the pixels of a picture as they are stored; see `orientation` (Pillow turns TIFF files by it).

    Args:
        path: PNG, JPEG, BMP, TIFF, WebP or PPM.
        mode: Colours, or luma after ITU-R BT.601; transparency is dropped.
        span: Where in `path` the picture lies; None = it is the whole file.

    Returns:
        uint8 [height, width, 3], or [height, width, 1] for grey.

    Raises:
        InputError: As `size` does, and where the file is cut short or damaged.
        EnvironmentFailed: Pillow is not installed.
    """
    with _opened(path, span) as image:
        converted = image.convert("RGB" if mode == "rgb" else "L")
    pixels = np.asarray(converted, np.uint8)
    return pixels if mode == "rgb" else pixels[:, :, np.newaxis]


@functools.lru_cache(maxsize=2)  # neighbouring tiles are cut from one photograph
def read_again(path: Path, mode: Mode, span: Span | None, changed_ns: int) -> NDArray[np.uint8]:
    """Returns what `read` returns, kept for the next call; read-only.

    Args:
        path, mode, span: As `read` takes them.
        changed_ns: When the file was changed last, so that another content is read anew.
    """
    pixels = read(path, mode, span)
    pixels.setflags(write=False)
    return pixels


def write(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Writes pixels as PNG, whole or not at all.

    Args:
        path: File to write.
        pixels: uint8 [height, width, 3] or [height, width, 1].

    Raises:
        InputError: They are of another shape or type.
    """
    files.write_bytes(path, encode(pixels, str(path)))


def encode(pixels: NDArray[np.uint8], where: str) -> bytes:
    """Returns pixels as PNG.

    Args:
        pixels: uint8 [height, width, 3] or [height, width, 1].
        where: Their name, for messages.

    Raises:
        InputError: They are of another shape or type.
    """
    data = io.BytesIO()
    need_package("PIL.Image").fromarray(_plain(pixels, where)).save(data, "PNG")
    return data.getvalue()


def _plain(pixels: NDArray[Any], where: str) -> NDArray[np.uint8]:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or not pixels.size:
        raise InputError(
            where=where,
            what="is no picture",
            expected="uint8 [height, width, 3] or [height, width, 1]",
            found=f"{pixels.dtype} {list(pixels.shape)}",
        )
    return np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


@contextmanager
def _opened(path: Path, span: Span | None) -> Iterator[Any]:
    """Yields Pillow's picture; what Pillow raises meanwhile becomes an InputError."""
    image_module = need_package("PIL.Image")
    where = str(path) if span is None else f"{path} at byte {span[0]}"
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own bound comes before Pillow's warning
            source = file if span is None else io.BytesIO(_part(file, span))
            length = path.stat().st_size if span is None else span[1]
            if not 0 < length <= _MOST_BYTES:
                what = "is too large" if length else "is empty"
                raise InputError(where=where, what=what, expected=f"at most {_MOST_BYTES} bytes")
            with image_module.open(source, formats=_FORMATS) as image:
                _check(image, where)
                yield image
    except InputError:
        raise
    except image_module.DecompressionBombError as error:
        raise InputError(where=where, what="is too large", found=str(error)[:160]) from error
    except FileNotFoundError as error:
        raise InputError(where=where, what="is missing", expected="a picture") from error
    except _DAMAGE as error:
        raise InputError(
            where=where,
            what="is no picture, or is cut short or damaged",
            expected=", ".join(_FORMATS),
            found=f"{type(error).__name__}: {error}"[:160],
        ) from error


def _part(file: io.BufferedReader, span: Span) -> bytes:
    offset, length = span
    file.seek(offset)
    return file.read(min(length, _MOST_BYTES))


def _check(image: Any, where: str) -> None:
    if image.width * image.height > _MOST_PIXELS:
        raise InputError(
            where=where,
            what="is too large",
            expected=f"at most {_MOST_PIXELS} pixels",
            found=f"{image.width} x {image.height}",
        )
    if image.mode not in _MODES or any(map(_is_deep, image.tile)):
        raise InputError(
            where=where,
            what="has no channels of 8 bits",
            expected="8 bits per channel",
            found=f"mode {image.mode}{' of 16 bits' if image.mode in _MODES else ''}",
            hint="convert it first: how its values map to 8 bits is yours to say",
        )


def _is_deep(tile: Any) -> bool:
    """Says whether Pillow would cut a part's channels to 8 bits: it opens some pictures of 16 as if of 8."""
    codec, _, _, given = tile
    arguments = given if isinstance(given, tuple) else (given,)
    return any(
        (isinstance(one, str) and ";16" in one)
        or (codec.startswith("ppm") and isinstance(one, int) and one > 255)
        for one in arguments
    )

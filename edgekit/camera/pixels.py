"""Pixel formats of cameras, and colour to grey: whole numbers, as the C computes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.camera.config import Format

BYTES: Mapping[Format, int] = {"rgb565le": 2, "rgb565be": 2, "rgb888": 3, "grey": 1}
# Luma of ITU-R BT.601 (0.299 R + 0.587 G + 0.114 B) in 65536ths; Pillow's convert("L") has the same.
LUMA = (19595, 38470, 7471)


def encode(rgb: NDArray[np.uint8], format: Format) -> NDArray[np.uint8]:
    """Returns a picture as a camera of this format gives it.

    Args:
        rgb: uint8 [..., height, width, 3]
        format: Of the camera; rgb565 drops the low bits of each colour.

    Returns:
        uint8 [..., height, bytes of a row]
    """
    if format == "grey":
        return grey(rgb)
    if format == "rgb888":
        return rgb.reshape(*rgb.shape[:-2], -1)
    wide = rgb.astype(np.uint16)
    packed = (wide[..., 0] >> 3 << 11) | (wide[..., 1] >> 2 << 5) | (wide[..., 2] >> 3)
    order = "<u2" if format == "rgb565le" else ">u2"
    return np.ascontiguousarray(packed.astype(order)).view(np.uint8)


def decode(rows: NDArray[np.uint8], format: Format) -> NDArray[np.uint8]:
    """Returns what a camera gave as 8-bit channels; those of rgb565 repeat their high bits as low ones.

    Args:
        rows: uint8 [..., height, bytes of a row]
        format: Of the camera.

    Returns:
        uint8 [..., height, width, 3], or [..., height, width, 1] of a grey camera.
    """
    if format == "grey":
        return rows[..., None]
    if format == "rgb888":
        return rows.reshape(*rows.shape[:-1], -1, 3)
    packed = np.ascontiguousarray(rows).view("<u2" if format == "rgb565le" else ">u2").astype(np.uint16)
    red, green, blue = packed >> 11, packed >> 5 & 63, packed & 31
    wide = np.stack([red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2], axis=-1)
    return wide.astype(np.uint8)


def grey(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns the luma of colours, rounded half up.

    Args:
        rgb: uint8 [..., 3]

    Returns:
        uint8 [...]
    """
    total = np.tensordot(rgb.astype(np.uint32), np.array(LUMA, np.uint32), axes=(-1, 0))
    return ((total + np.uint32(1 << 15)) >> np.uint32(16)).astype(np.uint8)

"""Frames to test a camera's C with: pictures as it might have taken them, and hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.camera import pixels
from edgekit.camera.camera import Camera


def seen(
    camera: Camera, values: NDArray[Any], scale: float, zero_point: int, dtype: str
) -> NDArray[np.uint8]:
    """Returns the pixels that a model's input stands for: the inverse of `quantise` or of `normalise`.

    Args:
        camera: In front of the model.
        values: [n, *camera.shape] of `dtype`.
        scale, zero_point: Of the model's input.
        dtype: Its type, "int8", "int16" or "float32".

    Returns:
        uint8 [n, *camera.shape]; of several pixels that give a value the darkest.
    """
    grey = np.arange(256, dtype=np.uint8)[:, None].repeat(camera.config.channels, axis=1)
    floats = dtype == "float32"
    table = camera.normalise(grey) if floats else camera.quantise(grey, scale, zero_point, dtype)
    shaped = values.reshape(-1, *camera.shape)
    found = [np.searchsorted(table[:, c], shaped[..., c]) for c in range(camera.config.channels)]
    return np.stack(found, axis=-1).clip(0, 255).astype(np.uint8)


def taken(camera: Camera, given: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns frames in which the camera sees pictures; around the crop is noise.

    Each pixel fills its place in the crop, so that the model sees just these pictures where the resize is a
    whole ratio and the format keeps 8 bits.

    Args:
        camera: Its frames are made.
        given: uint8 [n, *camera.shape]

    Returns:
        uint8 [n, height, row_bytes]
    """
    config = camera.config
    x, y, width, height = config.window
    frames = np.random.default_rng(0).integers(0, 256, (len(given), config.height, config.width, 3), np.uint8)
    rows = np.arange(height) * config.size[1] // height
    columns = np.arange(width) * config.size[0] // width
    frames[:, y : y + height, x : x + width] = given[:, rows][:, :, columns]
    return pixels.encode(frames, config.format)


def hostile(camera: Camera) -> NDArray[np.uint8]:
    """Returns a black, a white, a noisy and a finely chequered frame, uint8 [4, height, row_bytes]."""
    shape = (camera.config.height, camera.row_bytes)
    noise = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    chequered = np.indices(shape).sum(axis=0) % 2 * 255
    return np.stack([np.zeros(shape), np.full(shape, 255), noise, chequered]).astype(np.uint8)

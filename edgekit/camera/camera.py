"""From a camera's frame to the model's input: the NumPy twin of the generated C, equal to the byte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit import validation
from edgekit.camera import pixels
from edgekit.camera.config import CameraConfig
from edgekit.camera.taps import Taps
from edgekit.errors import InputError
from edgekit.quant import quantize

_BLOCK_BYTES = 1 << 26  # of frames that are worked on at a time, as float64


@dataclass(frozen=True)
class Camera:
    """A camera and what the model sees of it; `Camera.design` checks it.

    A frame's pixels become 8-bit channels, then grey where the model sees grey, then a smaller picture of
    8-bit values, rounded once and half up; each of its 256 values has one normalised and one quantised value.
    """

    config: CameraConfig

    @classmethod
    def design(cls, config: CameraConfig | Mapping[str, Any]) -> Camera:
        """Returns the camera of a recipe's `camera` section.

        Raises:
            InputError: Unknown keys, or sizes that cannot be; all at once.
        """
        if not isinstance(config, CameraConfig):
            config = validation.parse(CameraConfig, config, "camera")
        if problems := list(config.problems()):
            raise InputError(problems)
        return cls(config)

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of the camera's frame."""
        return self.config.width * pixels.BYTES[self.config.format]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the model's input."""
        return self.config.size[1], self.config.size[0], self.config.channels

    @cached_property
    def columns(self) -> Taps:
        """What makes each column of the model's input."""
        x, _, width, _ = self.config.window
        return Taps.design(x, width, self.config.size[0], self.config.resize)

    @cached_property
    def rows(self) -> Taps:
        """What makes each row of the model's input."""
        _, y, _, height = self.config.window
        return Taps.design(y, height, self.config.size[1], self.config.resize)

    @property
    def divisor(self) -> int:
        """What a sum over weighted pixels is divided by."""
        return self.columns.total * self.rows.total

    @cached_property
    def levels(self) -> NDArray[np.float32]:
        """(value / 255 - mean) / std in float32 of each 8-bit value, float32 [channels, 256]."""
        values = np.arange(256, dtype=np.float32) / np.float32(255)
        mean, std = (
            np.broadcast_to(np.array(given, np.float32), self.config.channels)[:, None]
            for given in (self.config.mean, self.config.std)
        )
        return np.asarray((values - mean) / std, np.float32)

    @property
    def description(self) -> list[str]:
        """One line for each thing that is done."""
        config = self.config
        x, y, width, height = config.window
        lines = [f"{config.width} x {config.height} pixels, {config.format}"]
        if config.format != "grey" and config.colour == "grey":
            luma = " + ".join(map("{} {}".format, pixels.LUMA, "RGB"))
            lines.append(f"to grey: ({luma} + 32768) >> 16")
        if (width, height) != (config.width, config.height):
            lines.append(f"crop to {width} x {height} at {x}, {y}")
        if (width, height) != config.size:
            lines.append(
                f"resize to {config.size[0]} x {config.size[1]} ({config.resize}, half-pixel centres)"
            )
        if config.mean != [0.0] or config.std != [1.0]:
            lines.append(f"normalise: (value / 255 - {_listed(config.mean)}) / {_listed(config.std)}")
        else:
            lines.append("normalise: value / 255")
        return lines

    def pixels(self, pictures: ArrayLike) -> NDArray[np.uint8]:
        """Returns what the model sees of pictures, as the camera would have taken them.

        Args:
            pictures: uint8 [n, height, width, 3], RGB, of the camera's size; of a grey camera also
                [n, height, width].

        Returns:
            uint8 [n, *shape]

        Raises:
            InputError: They have another size or type.
        """
        config = self.config
        given = np.asarray(pictures)
        wanted = (config.height, config.width, 3)
        plain = config.format == "grey" and given.ndim == 3
        if given.dtype != np.uint8 or given.shape[1:] != (wanted[:2] if plain else wanted):
            raise InputError(
                where="pictures",
                what="are not what this camera takes",
                expected=f"uint8 [n, {config.height}, {config.width}, 3]",
                found=f"{given.dtype} {list(given.shape)}",
                hint="set camera.width and camera.height to those of the pictures",
            )
        return self.pixels_of_rows(given if plain else pixels.encode(given, config.format))

    def pixels_of_rows(self, frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Returns what the model sees of frames as the camera gives them.

        Args:
            frames: uint8 [n, height, row_bytes]

        Returns:
            uint8 [n, *shape]
        """
        config = self.config
        across = self.columns.matrix(config.width)
        down = self.rows.matrix(config.height)
        made = np.empty((len(frames), *self.shape), np.uint8)
        block = max(1, _BLOCK_BYTES // (config.width * config.height * 3 * 8))
        for start in range(0, len(frames), block):
            decoded = pixels.decode(frames[start : start + block], config.format)
            if config.colour == "grey" and config.format != "grey":
                decoded = pixels.grey(decoded)[..., None]
            planes = np.moveaxis(decoded, -1, 1).astype(np.float64)
            total = down @ (planes @ across.T)  # whole numbers below 2^32: exact in float64, in any order
            rounded = (total.astype(np.int64) + self.divisor // 2) // self.divisor
            made[start : start + block] = np.moveaxis(rounded, 1, -1)
        return made

    def normalise(self, values: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Returns what the float model takes.

        Args:
            values: uint8 [..., channels], from `pixels`.

        Returns:
            float32, same shape.
        """
        return self.levels[np.arange(self.config.channels), values]

    def quantise(
        self, values: NDArray[np.uint8], scale: float, zero_point: int, dtype: str = "int8"
    ) -> NDArray[np.generic]:
        """Returns what the C writes into the model's input.

        Args:
            values: uint8 [..., channels], from `pixels`.
            scale, zero_point: Of the model's input.
            dtype: Its type, "int8" or "int16".

        Returns:
            Integers of `dtype`, same shape.
        """
        table = quantize(self.levels, scale, zero_point, np.dtype(dtype))
        return np.asarray(table[np.arange(self.config.channels), values])

    def to_input(self, boxes: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Returns boxes of a frame in pixels of the model's input; those outside the crop lie outside it.

        Args:
            boxes: [..., 4]: x and y of the top left corner, width, height, in pixels of a frame.

        Returns:
            float64, same shape.
        """
        x, y, width, height = self.config.window
        ratio = np.tile([self.config.size[0] / width, self.config.size[1] / height], 2)
        return np.asarray((boxes - np.array([x, y, 0, 0])) * ratio, np.float64)

    def to_frame(self, boxes: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Returns boxes of the model's input in pixels of a frame: the inverse of `to_input`."""
        x, y, width, height = self.config.window
        ratio = np.tile([width / self.config.size[0], height / self.config.size[1]], 2)
        return np.asarray(boxes * ratio + np.array([x, y, 0, 0]), np.float64)

    def state_bytes(self, dtype: str = "int8") -> int:
        """Returns the size of the C state, which the caller keeps."""
        from edgekit.camera.render import state_bytes

        return state_bytes(self, dtype)

    def table_bytes(self, scale: float, zero_point: int, dtype: str = "int8") -> int:
        """Returns the size of the constants of the C."""
        from edgekit.camera.render import table_bytes

        return table_bytes(self, scale, zero_point, dtype)

    def render_c(self, name: str, scale: float, zero_point: int, dtype: str = "int8") -> dict[str, str]:
        """Returns `<name>_camera.h` and `<name>_camera.c` by file name.

        Args:
            name: Prefix of the C names.
            scale, zero_point: Of the model's input.
            dtype: Its type, "int8", "int16" or "float32".

        Raises:
            InputError: The name or the quantisation will not do; all at once.
        """
        from edgekit.camera.render import render

        return render(self, name, scale, zero_point, dtype)


def _listed(values: list[float]) -> str:
    return f"{values[0]:g}" if len(values) == 1 else "[" + ", ".join(f"{v:g}" for v in values) + "]"

"""Which pixels of a line make one of a shorter line, with whole weights: no weight is rounded.

Both ways use half-pixel centres. `area` is the mean over what lies below a pixel, parts of pixels counted as
parts (OpenCV's INTER_AREA); `bilinear` lies between the two neighbours of its centre (OpenCV's INTER_LINEAR,
without a low pass).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from edgekit.camera.config import Resize


@dataclass(frozen=True, slots=True)
class Tap:
    """What makes one pixel: `first` to `last` of the line that comes in.

    Args:
        first, last: Positions in the frame.
        enter, leave: Weights of these two; `leave` is 0 where they are the same.
    """

    first: int
    last: int
    enter: int
    leave: int


@dataclass(frozen=True, slots=True)
class Taps:
    """The pixels of a line.

    Args:
        taps: One for each.
        middle: Weight of what lies between a tap's first and last pixel.
        total: Sum of the weights of each.
    """

    taps: tuple[Tap, ...]
    middle: int
    total: int

    @classmethod
    def design(cls, start: int, extent: int, count: int, resize: Resize) -> Taps:
        """Returns the taps of `count` pixels from those at `start` to `start + extent`, `extent >= count`."""
        shared = gcd(extent, count)
        length, parts = (
            extent // shared,
            count // shared,
        )  # `parts` to a pixel that comes in
        made = []
        for i in range(count):
            if resize == "area":
                begin, end = i * length, (i + 1) * length
                first, last = begin // parts, (end - 1) // parts
                enter = min((first + 1) * parts, end) - begin
                leave = end - last * parts if last > first else 0
            else:
                first, leave = divmod((2 * i + 1) * length - parts, 2 * parts)
                last, enter = first + (leave > 0), 2 * parts - leave
            made.append(Tap(start + first, start + last, enter, leave))
        return cls(tuple(made), parts, length) if resize == "area" else cls(tuple(made), 0, 2 * parts)

    def matrix(self, extent: int) -> NDArray[np.float64]:
        """Returns the weights as a matrix of whole numbers.

        Args:
            extent: Pixels of the whole line that comes in.

        Returns:
            float64 [len(taps), extent]
        """
        weights = np.zeros((len(self.taps), extent))
        for row, tap in zip(weights, self.taps, strict=True):
            row[tap.first + 1 : tap.last] = self.middle
            row[tap.first] = tap.enter
            if tap.last > tap.first:
                row[tap.last] = tap.leave
        return weights

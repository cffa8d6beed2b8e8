"""Boxes of many pictures as one array, float32 [pictures, most boxes, 6].

A row is left, upper, right and lower edge in pixels of the model's input, index of the class, and 1 where the
box is to be ignored, neither object nor background; its class is then of no account. Rows that hold no box
have the class -1 and are not ignored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]

EXTRA = "boxes"
"""Name of the array among an example's extras."""
COLUMNS = 6
LABEL, IGNORED = 4, 5
_LEAST_SHARE = 0.3  # of a box that must be visible for it to count
_LEAST_SIDE = 2.0  # pixels


def padded(rows: Sequence[Sequence[Sequence[float]]]) -> Boxes:
    """Returns the boxes of pictures as one array.

    Args:
        rows: Of each picture the rows of its boxes, of six numbers each.
    """
    most = max((len(picture) for picture in rows), default=0)
    made = np.zeros((len(rows), max(1, most), COLUMNS), np.float32)
    made[..., LABEL] = -1
    for index, picture in enumerate(rows):
        if picture:
            made[index, : len(picture)] = picture
    return made


def objects(boxes: Boxes) -> NDArray[np.bool_]:
    """Says of each row whether it is an object to find; bool [n, most]."""
    found: NDArray[np.bool_] = (boxes[..., LABEL] >= 0) & (boxes[..., IGNORED] == 0)
    return found


def ignored(boxes: Boxes) -> NDArray[np.bool_]:
    """Says of each row whether it is a region to ignore; bool [n, most]."""
    found: NDArray[np.bool_] = boxes[..., IGNORED] == 1
    return found


def clipped(boxes: Boxes, width: float, height: float) -> Boxes:
    """Returns the boxes cut to a picture; what is mostly cut away is ignored, what is outside is gone.

    Args:
        boxes: [n, most, 6]
        width, height: Of the picture, in pixels.
    """
    made = boxes.copy()
    made[..., [0, 2]] = boxes[..., [0, 2]].clip(0, width)
    made[..., [1, 3]] = boxes[..., [1, 3]].clip(0, height)
    before, after = _area(boxes), _area(made)
    there = objects(boxes) | ignored(boxes)
    side = np.minimum(made[..., 2] - made[..., 0], made[..., 3] - made[..., 1])
    gone = ~there | (after <= 0)
    hidden = ~gone & ((after < _LEAST_SHARE * before) | (side < _LEAST_SIDE))
    made[hidden, IGNORED] = 1
    made[gone] = [0, 0, 0, 0, -1, 0]
    return made


def _area(boxes: Boxes) -> NDArray[Any]:
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]))

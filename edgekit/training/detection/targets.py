"""Boxes drawn onto the network's grid: what coverage and box values it should say in each cell.

Source: `bbox_rasterizer.py` and `bbox_objective.py` of NVIDIA's DetectNet_v2
(github.com/NVIDIA/tao_tensorflow1_backend): an ellipse about the box's centre, `radius` times as large as the
box and not smaller than `min_radius` cells, is covered; an object's cells together weigh as much as one.
Of several objects that cover a cell it belongs to the one whose centre is nearest, in radii.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.postproc.boxes import NORM, OFFSET
from edgekit.training.detection.boxes import LABEL, Boxes, ignored, objects


@dataclass(frozen=True, slots=True)
class Grid:
    """A network's grid, and how objects are drawn onto it.

    Args:
        rows, columns, classes: Extents of its coverage.
        stride: Pixels per cell.
        radius: Of the covered ellipse, as a share of the box's half sides.
        min_radius: Of that ellipse, in cells.
    """

    rows: int
    columns: int
    classes: int
    stride: int
    radius: float = 0.4
    min_radius: float = 1.0


def encode(boxes: Boxes, grid: Grid) -> dict[str, NDArray[np.float32]]:
    """Returns what the network should say about pictures, and how much each cell weighs.

    Args:
        boxes: float32 [n, most, 6]; see `detection.boxes`.
        grid: Of the network.

    Returns:
        "coverage": float32 [n, rows, columns, 2 * classes], 0 or 1 of every class, then its weight, 0 or 1;
        "boxes": float32 [n, rows, columns, 8 * classes], four values per class, then their weights.
    """
    shape = (len(boxes), grid.rows, grid.columns)
    owner = _owners(boxes, grid)  # [n, rows, columns, classes], -1 = nobody
    covered = owner >= 0
    known = _known(boxes, grid)[..., None] | covered
    picture, row, column, label = np.nonzero(covered)
    which = owner[covered]
    edges = boxes[picture, which, :4]
    x, y = column * grid.stride + OFFSET, row * grid.stride + OFFSET
    values = np.zeros((*shape, grid.classes, 4), np.float32)
    values[picture, row, column, label] = (edges - np.stack([x, y, x, y], axis=1)) * [-1, -1, 1, 1] / NORM
    number = picture * boxes.shape[1] + which
    weights = np.zeros_like(values)
    weights[picture, row, column, label] = 1 / np.bincount(number, minlength=1)[number][:, None]
    flat = (*shape, 4 * grid.classes)
    return {
        "coverage": np.concatenate([covered, known], axis=-1).astype(np.float32),
        "boxes": np.concatenate([values.reshape(flat), weights.reshape(flat)], axis=-1),
    }


def _owners(boxes: Boxes, grid: Grid) -> NDArray[np.int64]:
    """Returns the row of the box that each cell belongs to, by class; -1 = none."""
    shape = (len(boxes), grid.rows, grid.columns, grid.classes)
    owner, nearest = np.full(shape, -1, np.int64), np.full(shape, np.inf)
    pictures, which = np.nonzero(objects(boxes))
    found = boxes[pictures, which].astype(np.float64)
    x, y = (found[:, 0] + found[:, 2]) / 2, (found[:, 1] + found[:, 3]) / 2
    rx, ry = _radii(found[:, 2] - found[:, 0], found[:, 3] - found[:, 1], grid)
    across = ((np.arange(grid.columns) + 0.5) * grid.stride - x[:, None]) / rx[:, None]
    down = ((np.arange(grid.rows) + 0.5) * grid.stride - y[:, None]) / ry[:, None]
    distance = across[:, None, :] ** 2 + down[:, :, None] ** 2
    own_row = np.clip(y // grid.stride, 0, grid.rows - 1).astype(np.int64)
    own_column = np.clip(x // grid.stride, 0, grid.columns - 1).astype(np.int64)
    for i, (picture, one) in enumerate(zip(pictures.tolist(), which.tolist(), strict=True)):
        own = distance[i]
        own[own_row[i], own_column[i]] = min(
            1.0, own[own_row[i], own_column[i]]
        )  # at least its centre's cell
        place = (picture, ..., int(found[i, LABEL]))
        wins = (own <= 1) & (own < nearest[place])
        nearest[place][wins] = own[wins]
        owner[place][wins] = one
    return owner


def _radii(
    width: NDArray[np.float64], height: NDArray[np.float64], grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the ellipses' radii in pixels; one that is too small grows in proportion."""
    rx, ry = np.maximum(grid.radius * width / 2, 0.1), np.maximum(grid.radius * height / 2, 0.1)
    factor = np.maximum(1, grid.min_radius * grid.stride / np.minimum(rx, ry))
    return rx * factor, ry * factor


def _known(boxes: Boxes, grid: Grid) -> NDArray[np.bool_]:
    """Says of each cell whether its centre is in no region to ignore; bool [n, rows, columns]."""
    known = np.ones((len(boxes), grid.rows, grid.columns), bool)
    x = (np.arange(grid.columns) + 0.5) * grid.stride
    y = (np.arange(grid.rows) + 0.5) * grid.stride
    for picture, one in zip(*np.nonzero(ignored(boxes)), strict=True):
        left, upper, right, lower = boxes[picture, one, :4]
        inside = ((y >= upper) & (y < lower))[:, None] & ((x >= left) & (x < right))
        known[picture] &= ~inside
    return known


def class_weights(boxes: Boxes, classes: int) -> NDArray[np.float32]:
    """Returns a weight per class, inverse to its number of objects; their mean over the objects is 1.

    Args:
        boxes: Of the training pictures; every class occurs.
        classes: Number of classes.
    """
    labels = boxes[objects(boxes)][:, LABEL].astype(np.int64)
    counts = np.bincount(labels, minlength=classes)
    return (len(labels) / (classes * counts)).astype(np.float32)

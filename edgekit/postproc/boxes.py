"""From coverage and box tensors to boxes: threshold, decode, non-maximum suppression, in integers alone.

The reference of the generated C, which equals it to the bit: nothing here rounds in floating point once a
`Decoder` is designed, and every tie is broken by the order of the cells.

Coordinates are in 1/16 pixel from the picture's upper left corner. Cell (row, column) of a grid with a stride
of s pixels refers to the point (column * s + 0.5, row * s + 0.5); its four box values are the distances from
there to the left, upper, right and lower edge, in units of 35 pixels. Source: `bbox_objective.py` of
NVIDIA's DetectNet_v2 (github.com/NVIDIA/tao_tensorflow1_backend), with 35 and 0.5 as its usual settings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError

NORM = 35.0
"""Pixels per unit of a box value."""
OFFSET = 0.5
"""Pixels from a cell's upper left corner to the point that its box values are measured from."""
SUBPIXELS = 16
"""Units of a decoded coordinate per pixel."""
SHIFT = 16
"""Fraction bits of `Decoder.multiplier`."""
IOU_ONE = 256
"""What `Decoder.iou` is a share of."""
_MAX_MULTIPLIER = (1 << 31) - 1
_FAR = 1 << 24  # beyond every value of a tensor, and within 32 bits
_MOST_SIDE = 4096  # pixels
_FINE = 2.0**-12  # scale that float outputs are rounded to


@dataclass(frozen=True, slots=True)
class Border:
    """How a tensor's integers stand for reals: scale * (q - zero_point)."""

    scale: float
    zero_point: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as a box, and how many there may be.

    Args:
        threshold: Coverage, a probability in (0, 1), from which a cell is a candidate.
        iou: Of two boxes of a class that overlap more than this, 0 to 1, the weaker is left out.
        max_candidates: Cells that are looked at, the most covered first.
        max_boxes: Boxes that are given.
    """

    threshold: float = 0.3
    iou: float = 0.4
    max_candidates: int = 64
    max_boxes: int = 16


@dataclass(frozen=True, slots=True)
class Decoder:
    """All that decoding depends on, as integers; the generated C holds the same.

    Args:
        rows, columns, classes: Extents of the coverage tensor.
        stride: Pixels per cell.
        threshold: Least coverage value, as the tensor holds it, of a candidate.
        multiplier: 1/16 pixels per step of a box value, with 16 fraction bits.
        zero: Box value, as the tensor holds it, of the distance 0.
        half: Without a box tensor (centroids): half the side of every box in 1/16 pixel; else 0.
        iou: In 1/256.
        max_candidates, max_boxes: As in `Limits`.
    """

    rows: int
    columns: int
    classes: int
    stride: int
    threshold: int
    multiplier: int
    zero: int
    half: int
    iou: int
    max_candidates: int
    max_boxes: int

    @property
    def width(self) -> int:
        """Of the picture in 1/16 pixel."""
        return self.columns * self.stride * SUBPIXELS

    @property
    def height(self) -> int:
        """Of the picture in 1/16 pixel."""
        return self.rows * self.stride * SUBPIXELS


@dataclass(frozen=True, slots=True)
class Found:
    """The boxes of one picture, the most covered first.

    Args:
        corners: int32 [n, 4]: left, upper, right and lower edge in 1/16 pixel, within the picture.
        labels: int64 [n]: index of the class.
        scores: int64 [n]: coverage as the tensor holds it.
        cells: int64 [n]: (row * columns + column) * classes + class.
    """

    corners: NDArray[np.int32]
    labels: NDArray[np.int64]
    scores: NDArray[np.int64]
    cells: NDArray[np.int64]

    def pixels(self) -> NDArray[np.float32]:
        """Returns the corners in pixels, float32 [n, 4]."""
        return (self.corners / SUBPIXELS).astype(np.float32)


def design(
    grid: tuple[int, int, int],
    stride: int,
    coverage: Border,
    boxes: Border | None,
    limits: Limits,
    side: float = 0,
) -> Decoder:
    """Returns the decoder of a network's outputs.

    Args:
        grid: Rows, columns and classes of the coverage tensor, whose values are logits.
        stride: Pixels per cell.
        coverage: Of the coverage tensor.
        boxes: Of the box tensor; None = the network gives centroids alone.
        limits: What counts.
        side: Of the box around a centroid, in pixels; 0 = the stride.

    Raises:
        InputError: A limit, a scale or the side is out of range.
    """
    if not (0 < limits.threshold < 1 and 0 <= limits.iou <= 1):
        raise InputError(where="detection", what="threshold and iou are shares", expected="between 0 and 1")
    if not 0 < limits.max_boxes <= limits.max_candidates <= 4096:
        raise InputError(
            where="detection.max_boxes", what="is out of range",
            expected="1 to max_candidates, which is at most 4096",
            found=f"{limits.max_boxes} of {limits.max_candidates}",
        )  # fmt: skip
    for name, border in (("coverage", coverage), ("boxes", boxes)):
        if border and not (0 < border.scale < math.inf):
            raise InputError(
                where=f"output '{name}'",
                what="has no scale",
                expected="a finite number > 0",
                found=str(border.scale),
            )
    if not 0 <= side <= _MOST_SIDE:
        raise InputError(
            where="detection.side", what="is out of range", expected=f"0 to {_MOST_SIDE}", found=f"{side:g}"
        )
    multiplier = round(boxes.scale * NORM * SUBPIXELS * (1 << SHIFT)) if boxes else 0
    if multiplier > _MAX_MULTIPLIER:
        raise InputError(
            where="output 'boxes'", what="has too large a scale", found=f"{boxes and boxes.scale:g}"
        )
    logit = math.log(limits.threshold / (1 - limits.threshold))
    level = max(-_FAR, min(_FAR, logit / coverage.scale))
    return Decoder(
        *grid,
        stride=stride,
        threshold=math.ceil(level - 1e-9) + coverage.zero_point,
        multiplier=multiplier,
        zero=boxes.zero_point if boxes else 0,
        half=0 if boxes else round((side or stride) * SUBPIXELS / 2),
        iou=round(limits.iou * IOU_ONE),
        max_candidates=limits.max_candidates,
        max_boxes=limits.max_boxes,
    )


def decode(decoder: Decoder, coverage: NDArray[Any], boxes: NDArray[Any] | None) -> Found:
    """Returns the boxes in one picture.

    Candidates are the cells whose coverage is at least the threshold, by falling coverage, equal ones by
    rising cell number; those beyond `max_candidates` are left out, then those whose box, cut to the
    picture, is empty. Each is kept unless it overlaps a kept one of its class by more than `iou`, until
    `max_boxes` are.

    Args:
        decoder: As designed for the network.
        coverage: Integers [rows, columns, classes].
        boxes: Integers [rows, columns, 4 * classes], the four of each class together; None = centroids.
    """
    flat = coverage.reshape(-1).astype(np.int64)
    cells = np.flatnonzero(flat >= decoder.threshold)
    cells = cells[np.argsort(-flat[cells], kind="stable")][: decoder.max_candidates]
    corners = _corners(decoder, cells, boxes)
    filled = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
    cells, corners = cells[filled], corners[filled]
    labels = cells % decoder.classes
    kept: list[int] = []
    for i in range(len(cells)):
        if len(kept) == decoder.max_boxes:
            break
        rivals = corners[[j for j in kept if labels[j] == labels[i]]]
        if not _overlap(corners[i], rivals, decoder.iou).any():
            kept.append(i)
    return Found(corners[kept].astype(np.int32), labels[kept], flat[cells[kept]], cells[kept])


def decode_float(
    coverage: NDArray[np.float32],
    boxes: NDArray[np.float32] | None,
    stride: int,
    limits: Limits,
    side: float = 0,
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Returns the boxes that float outputs stand for, by the same steps on finely rounded numbers.

    Args:
        coverage: float32 [rows, columns, classes], logits.
        boxes: float32 [rows, columns, 4 * classes]; None = centroids.
        stride: Pixels per cell.
        limits: What counts.
        side: Of the box around a centroid, in pixels; 0 = the stride.

    Returns:
        Corners in pixels, float32 [n, 4], labels, int64 [n], and probabilities, float32 [n].
    """
    rows, columns, classes = coverage.shape
    border = Border(_FINE)
    decoder = design(
        (rows, columns, classes), stride, border, None if boxes is None else border, limits, side
    )
    found = decode(decoder, _fine(coverage), None if boxes is None else _fine(boxes))
    return found.pixels(), found.labels, probability(found.scores, border)


def probability(scores: NDArray[Any], coverage: Border) -> NDArray[np.float32]:
    """Returns the coverage that logits stand for, float32 of the same shape, 0 to 1.

    Args:
        scores: As the coverage tensor holds them.
        coverage: Of that tensor.
    """
    logits = coverage.scale * (scores - coverage.zero_point).astype(np.float64)
    return (0.5 * (1 + np.tanh(logits / 2))).astype(np.float32)


def _fine(values: NDArray[np.float32]) -> NDArray[np.int64]:
    bound = 2.0**40  # NaN and what is beyond it covers nothing
    steps = np.nan_to_num(values.astype(np.float64) / _FINE, nan=-bound, posinf=bound, neginf=-bound)
    return np.rint(np.clip(steps, -bound, bound)).astype(np.int64)


def _corners(decoder: Decoder, cells: NDArray[np.int64], boxes: NDArray[Any] | None) -> NDArray[np.int64]:
    """Returns int64 [n, 4], cut to the picture."""
    places = cells // decoder.classes
    pitch = decoder.stride * SUBPIXELS
    x, y = places % decoder.columns * pitch, places // decoder.columns * pitch
    if boxes is None:
        middle = pitch // 2
        x, y = x + middle, y + middle
        distances = np.full((len(cells), 4), decoder.half, np.int64)
    else:
        x, y = x + int(OFFSET * SUBPIXELS), y + int(OFFSET * SUBPIXELS)
        steps = boxes.reshape(-1, 4)[cells].astype(np.int64) - decoder.zero
        distances = (steps * decoder.multiplier + (1 << (SHIFT - 1))) >> SHIFT
    edges = np.stack([x, y, x, y], axis=1) + distances * np.array([-1, -1, 1, 1])
    size = [decoder.width, decoder.height]
    clipped: NDArray[np.int64] = np.clip(edges, 0, [*size, *size])
    return clipped


def _overlap(one: NDArray[np.int64], others: NDArray[np.int64], iou: int) -> NDArray[np.bool_]:
    """Says of each other box whether it shares more than iou / 256 of the union."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    shared = np.maximum(high - low, 0).prod(axis=1)
    union = (one[2:] - one[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    more: NDArray[np.bool_] = shared * IOU_ONE > iou * union
    return more

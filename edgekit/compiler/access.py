"""In which order operators read and write, byte by byte: what a replay holds overlapping tensors to.

Worked out from the node alone, tap by tap, without the bounds that planners use.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Overlap

Bytes: TypeAlias = NDArray[np.int64]
NEVER = -1
_SAME = 0  # schema.fbs, Padding
_SLIDING = ("CONV_2D", "DEPTHWISE_CONV_2D", "AVERAGE_POOL_2D", "MAX_POOL_2D")


class Order(ABC):
    """When the bytes of the first input are read for the last time, and those of the output written.

    Times are even or odd numbers that only their order gives a meaning.
    """

    @abstractmethod
    def read(self, at: Bytes) -> Bytes:
        """Returns the time at which each byte of the input is last read, or `NEVER`."""

    @abstractmethod
    def written(self, at: Bytes) -> Bytes:
        """Returns the earliest time at which each byte of the output may be written."""


def order(view: NodeView, pair: Overlap, backward: bool) -> Order | None:
    """Returns the order of a node's kernel, or None where nothing is known about it.

    Args:
        view: The node.
        pair: How finely its kernel keeps to the order.
        backward: Whether it starts at the last pixel.
    """
    op = view.node.op
    if op in _SLIDING:
        return _Windows(view, pair, backward)
    if backward:
        return None
    if op == "FULLY_CONNECTED":
        return _Rows(view, pair)
    if op == "MEAN":
        return _Reduction(view)
    if op in ("PAD", "PADV2"):
        return _Padding(view)
    return None


def rows_read(view: NodeView, tensor: int, axis: int, row: int) -> tuple[int, int]:
    """Returns which rows of an input lie under the window of an output row: the first, and behind the last.

    Args:
        view: The node.
        tensor: Index of the input.
        axis: Dimension whose elements are the rows.
        row: Of the output.
    """
    size, o = view.graph.tensors[tensor].shape[axis], view.options
    if view.node.op in _SLIDING:
        taps, stride, dilation = _taps(view)[axis - 1]
        before = _before(size, view.output().shape[axis], taps, stride, dilation, o["padding"] == _SAME)
        touched = [row * stride - before + tap * dilation for tap in range(taps)]
        return max(0, touched[0]), min(size, touched[-1] + 1)
    return (row, row + 1)


def _taps(view: NodeView) -> list[tuple[int, int, int]]:
    """Returns taps, stride and dilation of the vertical and of the horizontal window."""
    o = view.options
    taps = view.input(1).shape[1:3] if "filter_height" not in o else (o["filter_height"], o["filter_width"])
    dilations = (o.get("dilation_h_factor", 1), o.get("dilation_w_factor", 1))
    return list(zip(taps, (o["stride_h"], o["stride_w"]), dilations, strict=True))


def _before(size: int, outputs: int, kernel: int, stride: int, dilation: int, same: bool) -> int:
    span = (kernel - 1) * dilation + 1
    return max(0, (outputs - 1) * stride + span - size) // 2 if same else 0


class _Windows(Order):
    def __init__(self, view: NodeView, pair: Overlap, backward: bool) -> None:
        data, output, o = view.input(0), view.output(), view.options
        self.shape, self.made = data.shape, output.shape
        self.pixel = data.shape[3] * data.dtype.itemsize
        self.made_pixel = output.shape[3] * output.dtype.itemsize
        self.pair, self.backward = pair, backward
        self.readers = [
            _readers(size, outputs, *taps, same=o["padding"] == _SAME, first=backward)
            for size, outputs, taps in zip(self.shape[1:3], self.made[1:3], _taps(view), strict=True)
        ]

    def read(self, at: Bytes) -> Bytes:
        batch, y, x = np.unravel_index(at // self.pixel, self.shape[:3])
        row, column = self.readers[0][y], self.readers[1][x]
        reader = (batch * self.made[1] + row) * self.made[2] + column
        time = self._time(reader, at % self.pixel, last=True)
        return np.where((row == NEVER) | (column == NEVER), NEVER, time)

    def written(self, at: Bytes) -> Bytes:
        return self._time(at // self.made_pixel, at % self.made_pixel, last=False)

    def _time(self, pixel: Bytes, channel: Bytes, last: bool) -> Bytes:
        if self.backward:
            pixel = self.made[0] * self.made[1] * self.made[2] - 1 - pixel
        if self.pair.by_channel and not self.backward:  # reads, then writes
            return 2 * (pixel * self.made_pixel + channel) + (0 if last else 1)
        if self.pair.gathers:
            return 2 * pixel + (0 if last else 1)
        return 2 * (pixel + self.pair.together - 1) + 1 if last else 2 * pixel  # writes while it reads


def _readers(
    size: int, outputs: int, kernel: int, stride: int, dilation: int, same: bool, first: bool
) -> Bytes:
    """Returns, for each position of one axis, the last (or the first) window that reads it."""
    before = _before(size, outputs, kernel, stride, dilation, same)
    windows = np.arange(outputs)
    readers = np.full(size, NEVER, np.int64)
    for tap in range(kernel):
        at = windows * stride - before + tap * dilation
        inside = (at >= 0) & (at < size)
        now, old = windows[inside], readers[at[inside]]
        readers[at[inside]] = np.where(
            old == NEVER, now, np.minimum(old, now) if first else np.maximum(old, now)
        )
    return readers


class _Rows(Order):
    def __init__(self, view: NodeView, pair: Overlap) -> None:
        outputs, inputs = view.input(1).shape
        self.row = inputs * view.input(0).dtype.itemsize
        self.made = outputs * view.output().dtype.itemsize
        self.together = pair.together

    def read(self, at: Bytes) -> Bytes:
        return 2 * (at // self.row + self.together - 1) + 1

    def written(self, at: Bytes) -> Bytes:
        return 2 * (at // self.made)


class _Reduction(Order):
    def __init__(self, view: NodeView) -> None:
        self.shape = view.input(0).shape
        axes = view.input(1).data
        assert axes is not None
        reduced = {int(axis) % len(self.shape) for axis in axes.reshape(-1)}
        self.kept = [axis for axis in range(len(self.shape)) if axis not in reduced]
        self.width = view.input(0).dtype.itemsize, view.output().dtype.itemsize

    def read(self, at: Bytes) -> Bytes:
        where = np.unravel_index(at // self.width[0], self.shape)
        output = np.zeros_like(at)
        for axis in self.kept:
            output = output * self.shape[axis] + where[axis]
        return 2 * output

    def written(self, at: Bytes) -> Bytes:
        return 2 * (at // self.width[1]) + 1


class _Padding(Order):
    """Row by row of the padded output, row meaning the last axis that is padded and those after it."""

    def __init__(self, view: NodeView) -> None:
        given = view.input(1).data
        assert given is not None
        before = [int(pair[0]) for pair in given]
        padded = [axis for axis, pair in enumerate(given) if int(pair[0]) or int(pair[1])]
        axis = padded[-1] if padded else 0
        shape, made = view.input(0).shape, view.output().shape
        self.outer, self.made_outer, self.before = (1, *shape[:axis]), (1, *made[:axis]), (0, *before[:axis])
        width = view.input(0).dtype.itemsize
        self.row = int(np.prod(shape[axis:])) * width
        self.made_row = int(np.prod(made[axis:])) * width

    def read(self, at: Bytes) -> Bytes:
        where = np.unravel_index(at // self.row, self.outer)
        moved = tuple(i + b for i, b in zip(where, self.before, strict=True))
        row: Bytes = np.ravel_multi_index(moved, self.made_outer).astype(np.int64)
        return 2 * row + 1

    def written(self, at: Bytes) -> Bytes:
        return 2 * (at // self.made_row)

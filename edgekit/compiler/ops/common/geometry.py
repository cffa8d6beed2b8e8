"""Windows of convolutions and pools, and shapes that broadcast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.common.checks import Checks

SAME, VALID = 0, 1  # schema.fbs, Padding
PADS = {1: "pads_h", 2: "pads_w"}  # options of a part of a node, by axis: its own padding
LARGEST_STEP = 1 << 15  # of strides, dilations and kernels


@dataclass(frozen=True, slots=True)
class Window:
    """One spatial axis of a sliding window.

    Args:
        size: Input extent.
        kernel: Taps.
        stride: Step between windows.
        dilation: Step between taps.
        padding: SAME or VALID.
        pads: What stands in front and behind instead, or None; a part of an input has its own.
    """

    size: int
    kernel: int
    stride: int
    dilation: int
    padding: int
    pads: tuple[int, int] | None = None

    @property
    def span(self) -> int:
        """Extent from the first to the last tap."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def outputs(self) -> int:
        """Number of windows; 0 or less where none fits."""
        if self.pads is not None:
            return (self.size + sum(self.pads) + self.stride - self.span) // self.stride
        used = 1 if self.padding == SAME else self.span
        return (self.size + self.stride - used) // self.stride

    @property
    def before(self) -> int:
        """Padding before the first element."""
        if self.pads is not None:
            return self.pads[0]
        return max(0, (self.outputs - 1) * self.stride + self.span - self.size) // 2


def check_windows(checks: Checks, output: Tensor, vertical: Window, horizontal: Window) -> bool:
    """Checks that the output has the extents that its windows give, and the batch of the input."""
    expected = (vertical.outputs, horizontal.outputs)
    return checks.require(
        min(expected) >= 1 and output.shape[1:3] == expected,
        "its output shape does not follow from its input, kernel, stride and padding",
        f"height and width {list(expected)}",
        str(list(output.shape[1:3])),
    )


def element_rows(node: NodeView, axis: int) -> dict[int, Window | None] | None:
    """Returns `Operator.rows` of an operator whose output elements each depend on one of every input.

    Args:
        node: A checked node.
        axis: Which dimension's elements are the rows.
    """
    shape = node.output().shape
    found: dict[int, Window | None] = {}
    for tensor in node.inputs:
        if tensor is None:
            continue
        padded = (1,) * (len(shape) - len(tensor.shape)) + tensor.shape
        if padded[axis] != 1 and (tensor.shape != shape or tensor.constant):
            return None
        if not tensor.constant:
            found[tensor.index] = None if padded[axis] == 1 else Window(shape[axis], 1, 1, 1, VALID)
    return found


def broadcast_shape(first: Sequence[int], second: Sequence[int]) -> tuple[int, ...] | None:
    """Returns the shape that two shapes broadcast to, or None where they do not match."""
    rank = max(len(first), len(second))
    a, b = ((1,) * (rank - len(shape)) + tuple(shape) for shape in (first, second))
    if any(x != y and 1 not in (x, y) for x, y in zip(a, b, strict=True)):
        return None
    return tuple(max(x, y) for x, y in zip(a, b, strict=True))


def merged_axes(shape: Sequence[int], *strides: Sequence[int]) -> tuple[list[int], list[list[int]]]:
    """Merges neighbouring axes that every operand walks through in one go.

    Args:
        shape: Extents, outermost first.
        strides: Per operand, the step of each axis in elements (0 where it is broadcast).

    Returns:
        Extents and strides of the fewest axes that describe the same walk; at least one.
    """
    extents: list[int] = []
    kept: list[list[int]] = [[] for _ in strides]
    for axis, extent in enumerate(shape):
        if extent == 1:
            continue
        if extents and all(mine[-1] == step[axis] * extent for mine, step in zip(kept, strides, strict=True)):
            extents[-1] *= extent
            for mine, step in zip(kept, strides, strict=True):
                mine[-1] = step[axis]
        else:
            extents.append(extent)
            for mine, step in zip(kept, strides, strict=True):
                mine.append(step[axis])
    return (extents, kept) if extents else ([1], [[0] for _ in strides])


def broadcast_strides(shape: Sequence[int], result: Sequence[int]) -> list[int]:
    """Returns the step per axis of `result` in an operand of `shape`; 0 where it is broadcast."""
    padded = (1,) * (len(result) - len(shape)) + tuple(shape)
    strides, step = [], 1
    for extent in reversed(padded):
        strides.append(0 if extent == 1 else step)
        step *= extent
    return strides[::-1]

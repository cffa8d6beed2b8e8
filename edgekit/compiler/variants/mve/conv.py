"""The call of ek_conv2d_s8_mve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Overlap, Param, Ref
from edgekit.compiler.ops.common import geometry
from edgekit.compiler.ops.common.geometry import Window
from edgekit.compiler.variants.mve import dense, matrix, tile

_LARGEST_TABLE = 4 * matrix.VECTOR  # places
_LEAST_BLOCK = 8  # of a window with places
_LARGEST_FRAME = 4096  # bytes of a picture with its padding
_PADDING = 1.1  # times the weights that padding may make of them


def dense_pays(node: NodeView) -> bool:
    """Returns whether ek_fully_connected_s8_mve, the faster one for one pixel, packs the weights tightly."""
    channels, depth = (int(n) for n in matrix.rows(node).shape)
    packed = matrix.up(channels, dense.CHANNELS) * matrix.up(depth, matrix.VECTOR)
    return packed <= _PADDING * channels * depth


def pixels(
    node: NodeView, rounding: matrix.Rounding, count: int, overlap: tuple[Overlap, ...]
) -> KernelCall | None:
    """Returns the call for windows of one pixel each, or None where its channels are too many.

    Args:
        node: A node with data, weights and bias.
        rounding: Of its sums.
        count: Pixels.
        overlap: Of the call.
    """
    axes = Window(1, 1, 1, 1, geometry.VALID), Window(count, 1, 1, 1, geometry.VALID)
    return _call(node, rounding, tile.of_depth(node.input(1).shape[-1], count), axes, overlap, batches=0)


def windows(
    node: NodeView,
    rounding: matrix.Rounding,
    axes: tuple[Window, Window],
    overlap: tuple[Overlap, ...],
    *,
    framed: bool = False,
) -> KernelCall | None:
    """Returns the call for windows of any size, or None where its channels are too many.

    Args:
        node: A CONV_2D.
        rounding: Of its sums.
        axes: Its window, vertical and horizontal, without dilation.
        overlap: Of the call.
        framed: Whether a small picture may be copied with its padding, which is faster.
    """
    channels = node.input(0).shape[3]
    count = axes[0].outputs * axes[1].outputs
    cut = tile.of_depth(axes[0].kernel * axes[1].kernel * channels, count)
    if _shares_columns(channels, axes[1]):
        cut = tile.of_columns(axes[0].kernel, channels)
    return _call(node, rounding, cut, axes, overlap, batches=node.input(0).shape[0], framed=framed)


def _shares_columns(channels: int, horizontal: Window) -> bool:
    """Returns whether tiles that share columns, but end with each row, take fewer instructions."""
    if channels % matrix.VECTOR or (horizontal.kernel, horizontal.stride) != (3, 1):
        return False
    width = horizontal.outputs
    return matrix.up(width, tile.PIXELS) * 6 <= width * 7


def _call(
    node: NodeView,
    rounding: matrix.Rounding,
    cut: tile.Tile,
    axes: tuple[Window, Window],
    overlap: tuple[Overlap, ...],
    batches: int,
    framed: bool = False,
) -> KernelCall | None:
    """`batches` is 0 where window i is pixel i."""
    found = tile.lowered(node, rounding, cut)
    if found is None:
        return None
    data, (vertical, horizontal) = node.input(0), axes
    channels = data.shape[-1] if batches else node.input(1).shape[-1]
    row = horizontal.kernel * channels
    in_rows = row % matrix.VECTOR == 0 or vertical.kernel == 1
    frame: dict[str, Param] = {"rows": 0, "row": 0, "before": 0}
    frame_bytes, places = 0, None
    outer = _frame(vertical), _frame(horizontal)
    size, step = outer[0].size * outer[1].size * channels, outer[1].size * channels
    if framed and cut.taps == 1 and not in_rows and size <= _LARGEST_FRAME:
        places = _places(cut, vertical.kernel, row, step)
    if places is not None:
        before = vertical.before * step + horizontal.before * channels
        frame = {"rows": vertical.size, "row": horizontal.size * channels, "before": before}
        (vertical, horizontal), frame_bytes = outer, size
    elif not in_rows:
        places = _places(cut, vertical.kernel, row, horizontal.size * channels)
    inside = vertical.kernel <= vertical.size and horizontal.kernel <= horizontal.size
    window = matrix.up(vertical.kernel * row, matrix.VECTOR) if batches and cut.taps == 1 else 0
    params, packed = found
    patch = {
        "places": 0 if places is None else Ref("places"),
        "steps": cut.steps,
        "block": cut.block,
        "input_height": vertical.size,
        "input_width": horizontal.size,
        "input_channels": channels,
        "output_width": horizontal.outputs,
        "kernel_height": vertical.kernel,
        "kernel_width": horizontal.kernel,
        "stride_height": vertical.stride,
        "stride_width": horizontal.stride,
        "pad_top": vertical.before,
        "pad_left": horizontal.before,
        "input_zero_point": data.q.zero_point,
        "direct": inside and (in_rows or places is not None),
        "framed": frame_bytes > 0,
    }
    return KernelCall(
        "ek_conv2d_s8_mve",
        {
            "matrix": params,
            "patch": patch,
            "frame": frame,
            "batches": max(1, batches),
            "output_height": vertical.outputs,
            "pointwise": batches == 0,
            "backward": False,
        },
        (data.index,),
        (node.output().index,),
        (packed,) if places is None else (packed, Constant("places", places)),
        scratch_bytes=cut.patch_bytes + (frame_bytes or window),
        overlap=overlap,
    )


def _frame(axis: Window) -> Window:
    """Returns the same windows of an axis that has its padding."""
    used = (axis.outputs - 1) * axis.stride + axis.kernel
    size = max(used, axis.before + axis.size)
    return replace(axis, size=size, padding=geometry.VALID, pads=(0, 0))


def _places(cut: tile.Tile, rows: int, row: int, step: int) -> NDArray[np.uint16] | None:
    """Returns where in the input the values of a patch lie, from a window's first one; None if too many."""
    found = np.zeros(cut.steps * matrix.VECTOR, np.int64)
    if len(found) > _LARGEST_TABLE or cut.block < _LEAST_BLOCK or rows * step >= 1 << 16:
        return None
    depth = np.arange(rows * row)
    found[depth // cut.block * matrix.VECTOR + depth % cut.block] = depth // row * step + depth % row
    return found.astype(np.uint16)

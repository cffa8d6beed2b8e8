"""The call of ek_conv2d_s8_mve."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Overlap, Param
from edgekit.compiler.ops.common.geometry import Window
from edgekit.compiler.variants.mve import matrix, tile

_PADDING = 1.1  # times the weights that padding may make of them


def dense_pays(node: NodeView) -> bool:
    """Returns whether ek_fully_connected_s8_mve, the faster one for one pixel, packs the weights tightly."""
    channels, depth = (int(n) for n in matrix.rows(node).shape)
    return -(-channels // 4) * 4 * -(-depth // matrix.VECTOR) * matrix.VECTOR <= _PADDING * channels * depth


def pixels(
    node: NodeView, rounding: matrix.Rounding, count: int, overlap: tuple[Overlap, ...]
) -> KernelCall | None:
    """Returns the call for windows of one pixel each, or None where its constants do not fit.

    Args:
        node: A node with data, weights and bias.
        rounding: Of its sums.
        count: Pixels.
        overlap: Of the call.
    """
    depth = node.input(1).shape[-1]
    fields: dict[str, Param] = {
        "batches": 1,
        "input_height": 1,
        "input_width": count,
        "input_channels": depth,
        "output_height": 1,
        "output_width": count,
        "kernel_height": 1,
        "kernel_width": 1,
        "stride_height": 1,
        "stride_width": 1,
        "pad_top": 0,
        "pad_left": 0,
        "pointwise": True,
    }
    return _call(node, rounding, tile.of_depth(depth), fields, 0, overlap)


def windows(
    node: NodeView,
    rounding: matrix.Rounding,
    vertical: Window,
    horizontal: Window,
    overlap: tuple[Overlap, ...],
) -> KernelCall | None:
    """Returns the call for windows of any size, or None where its constants do not fit.

    Args:
        node: A CONV_2D.
        rounding: Of its sums.
        vertical, horizontal: Its window, without dilation.
        overlap: Of the call.
    """
    data, output = node.input(0), node.output()
    channels = data.shape[3]
    fields: dict[str, Param] = {
        "batches": data.shape[0],
        "input_height": data.shape[1],
        "input_width": data.shape[2],
        "input_channels": channels,
        "output_height": output.shape[1],
        "output_width": output.shape[2],
        "kernel_height": vertical.kernel,
        "kernel_width": horizontal.kernel,
        "stride_height": vertical.stride,
        "stride_width": horizontal.stride,
        "pad_top": vertical.before,
        "pad_left": horizontal.before,
        "pointwise": False,
    }
    if _shares_columns(channels, horizontal):
        return _call(node, rounding, tile.of_columns(vertical.kernel, channels), fields, 0, overlap)
    depth = vertical.kernel * horizontal.kernel * channels
    cut = tile.of_depth(depth)
    return _call(node, rounding, cut, fields, -(-depth // matrix.VECTOR) * matrix.VECTOR, overlap)


def _shares_columns(channels: int, horizontal: Window) -> bool:
    """Returns whether tiles that share columns, but end with each row, take fewer instructions."""
    if channels % matrix.VECTOR or (horizontal.kernel, horizontal.stride) != (3, 1):
        return False
    width = horizontal.outputs
    return -(-width // tile.PIXELS) * tile.PIXELS * 6 <= width * 7


def _call(
    node: NodeView,
    rounding: matrix.Rounding,
    cut: tile.Tile,
    fields: dict[str, Param],
    window_bytes: int,
    overlap: tuple[Overlap, ...],
) -> KernelCall | None:
    found = tile.lowered(node, rounding, cut)
    if found is None:
        return None
    data = node.input(0)
    params, packed = found
    return KernelCall(
        "ek_conv2d_s8_mve",
        {"matrix": params, **fields, "input_zero_point": data.q.zero_point, "backward": False},
        (data.index,),
        (node.output().index,),
        (packed,),
        scratch_bytes=cut.patch_bytes + window_bytes,
        overlap=overlap,
    )

"""DEPTHWISE_CONV_2D with Helium."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import activation, filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8, matrix

_LANES = 16
_ORDER = [0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15]  # as widening twice leaves channels
_MAX_GROUP = 3
_FITS = 255  # 255 x 128 is below 2^15


class DepthwiseConv2DMve(Variant):
    """Sixteen channels at once; products of a few taps are added in 16 bit."""

    op = "DEPTHWISE_CONV_2D"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_depthwise_conv2d_s8_mve; None where dilated, multiplied or narrow."""
        data, weights, output = node.input(0), node.input(1), node.output()
        channels = data.shape[3]
        vertical, horizontal = filters.windows(node)
        taps = vertical.kernel * horizontal.kernel
        if (
            not is_int8(node)
            or channels != output.shape[3]
            or channels < _LANES
            or max(vertical.dilation, horizontal.dilation) > 1
        ):
            return None
        rounding = matrix.rounds_twice(node, channels)
        if rounding is None:
            return None
        filter_rows = filters.rows(weights, 3).reshape(channels, vertical.kernel, horizontal.kernel)
        rows = filter_rows.swapaxes(1, 2).reshape(channels, taps)  # column by column
        listed = vertical.kernel * ((output.shape[2] - 1) * horizontal.stride + horizontal.kernel)
        group = _group(rows)
        clamp = activation.bounds(output, activation.of(node.options))
        point = clamp["output_zero_point"]
        packed = _pack(rows, filters.values(node.optional(2)), data.q.zero_point, rounding)
        return KernelCall(
            "ek_depthwise_conv2d_s8_mve",
            {
                "packed": Ref("packed"),
                "channels": channels,
                "group": group,
                "full": taps // group,
                "remainder": taps % group,
                "fix": int(rounding.fix),
                "output_zero_point": point,
                "low": clamp["low"] + point,
                "high": clamp["high"] + point,
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "kernel_height": vertical.kernel,
                "kernel_width": horizontal.kernel,
                "stride_height": vertical.stride,
                "stride_width": horizontal.stride,
                "pad_top": vertical.before,
                "pad_left": horizontal.before,
                "input_zero_point": data.q.zero_point,
                "listed": listed,
            },
            (data.index,),
            (output.index,),
            (Constant("packed", packed),),
            scratch_bytes=4 * listed + channels,
            overlap=overlap.of_windows(data, output, vertical, horizontal),
        )


def _group(rows: NDArray[np.int8]) -> int:
    """Returns how many taps, in order and from the first, can be added in 16 bit; at least 1."""
    sizes = np.abs(rows.astype(np.int64))
    taps = rows.shape[1]
    for group in range(min(_MAX_GROUP, taps), 1, -1):
        sums = [sizes[:, i : i + group].sum(1).max() for i in range(0, taps, group)]
        if max(sums) <= _FITS:
            return group
    return 1


def _pack(
    rows: NDArray[np.int8], bias: NDArray[np.int32] | None, zero_point: int, rounding: matrix.Rounding
) -> NDArray[np.int8]:
    channels = len(rows)
    folded = -zero_point * rows.astype(np.int64).sum(1)
    if bias is not None:
        folded += bias.reshape(-1)
    parts: list[NDArray[Any]] = []
    for block in range(0, channels, _LANES):
        begin = min(block, channels - _LANES)
        lanes = [begin + i for i in _ORDER]
        parts += [
            folded[lanes].astype("<i4").view(np.int8),
            rounding.multipliers[lanes].astype("<i4").view(np.int8),
            rounding.shifts[lanes],
            rows[begin : begin + _LANES].T.reshape(-1),
        ]
    return np.concatenate(parts).astype(np.int8)


VARIANT = DepthwiseConv2DMve()

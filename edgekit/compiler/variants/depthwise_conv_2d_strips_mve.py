"""DEPTHWISE_CONV_2D with Helium, channel by channel: one dot product holds all taps of an output."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Param, Ref, Target
from edgekit.compiler.ops.common import activation, filters, overlap
from edgekit.compiler.ops.common.geometry import Window
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8, matrix

_VECTOR = 16
_GATHERED = 8  # bytes that one load gathers
_MAX_OFFSET = (1 << 16) - 1
_MAX_SHIFT = 23  # by which the zero point is shifted left
_RECORD = 32  # bytes of scratch before the strip

# Instructions, counted: per strip and channel, per gathered 8 bytes, per 4 outputs; of the other kernel per
# 16 channels of an output, and for each of its taps.
_STRIP, _GATHER, _BLOCK = 60, 5, 17
_PIXEL, _TAP = 44, 12


@dataclass(frozen=True, slots=True)
class _Strips:
    """How a picture is cut.

    Args:
        lines: The window along the axis across the strips.
        columns: The window along the strips.
        transposed: Whether lines are columns of the picture.
    """

    lines: Window
    columns: Window
    transposed: bool

    @property
    def height(self) -> int:
        """Lines that lie interleaved."""
        return 1 if self.lines.kernel == 1 else 4

    @property
    def block(self) -> tuple[int, int]:
        """Lines and columns of four outputs whose taps one vector holds."""
        return (1, 4) if self.height == 1 else (2, 2)

    @property
    def fits(self) -> bool:
        """Whether a vector holds the taps of four outputs."""
        if max(self.lines.dilation, self.columns.dilation) > 1:
            return False
        if self.height == 1:
            return self.columns.kernel + 3 * self.columns.stride <= _VECTOR
        return (
            max(self.lines.kernel, self.columns.kernel) <= 3 and self.lines.stride == self.columns.stride == 1
        )

    @property
    def strips(self) -> int:
        """How many strips there are."""
        return -(-self.lines.outputs // self.block[0])

    def cost(self, channels: int) -> int:
        """Returns about how many instructions they take."""
        gathers = -(-self.columns.size * self.height // _GATHERED)
        blocks = -(-self.columns.outputs // self.block[1])
        return self.strips * channels * (_STRIP + gathers * _GATHER + blocks * _BLOCK)


class DepthwiseConv2DStripsMve(Variant):
    """Four outputs of a channel at once, where that is faster than sixteen channels of an output."""

    op = "DEPTHWISE_CONV_2D"
    feature = "mve"
    priority = PRIORITY + 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_depthwise_strips_s8_mve; None where it does not apply or pay."""
        data, output = node.input(0), node.output()
        channels = data.shape[3]
        if not is_int8(node) or channels != output.shape[3]:
            return None
        vertical, horizontal = filters.windows(node)
        ways = [_Strips(vertical, horizontal, False), _Strips(horizontal, vertical, True)]
        ways = [way for way in ways if way.fits and _together(way) <= _limit(target, way)]
        rounding = matrix.rounds_twice(node, channels)
        if not ways or rounding is None:
            return None
        way = min(ways, key=lambda way: way.cost(channels))
        taps = vertical.kernel * horizontal.kernel
        pixel = -(-channels // _VECTOR) * (_PIXEL + _TAP * taps)
        if channels >= _VECTOR and pixel * vertical.outputs * horizontal.outputs <= way.cost(channels):
            return None
        if activation.clamp(output, activation.of(node.options)) != (-128, 127):
            return None
        params, length = _geometry(way, channels, data.shape[2] * channels, output.shape[2] * channels)
        offsets = params["offsets"]
        assert isinstance(offsets, list)
        if max(offsets) > _MAX_OFFSET:
            return None
        filter_rows = filters.rows(node.input(1), 3).reshape(channels, vertical.kernel, horizontal.kernel)
        weights = (filter_rows if way.transposed else filter_rows.swapaxes(1, 2)).reshape(channels, taps)
        constants = (
            Constant("bias", _folded(weights, filters.values(node.optional(2)), data.q.zero_point)),
            Constant("multipliers", rounding.multipliers),
            Constant("shifts", rounding.shifts),
            Constant("weights", np.append(weights.reshape(-1), np.zeros(_VECTOR, np.int8))),
        )
        return KernelCall(
            "ek_depthwise_strips_s8_mve",
            {
                **{constant.name: Ref(constant.name) for constant in constants},
                "channels": channels,
                "taps": taps,
                **params,
                "fix": int(rounding.fix or int(rounding.shifts.min()) < -_MAX_SHIFT),
                "output_zero_point": output.q.zero_point,
                "input_zero_point": data.q.zero_point,
                "batches": data.shape[0],
                "input_size": data.elements // data.shape[0],
                "output_size": output.elements // data.shape[0],
            },
            (data.index,),
            (output.index,),
            constants,
            scratch_bytes=_RECORD + length,
            overlap=overlap.of_windows(data, output, vertical, horizontal, together=_together(way)),
        )


def _together(way: _Strips) -> int:
    """Returns how many consecutive outputs are written in no certain order."""
    if way.transposed:
        return way.lines.outputs * way.columns.outputs
    return min(way.block[0], way.lines.outputs) * way.columns.outputs


def _limit(target: Target, way: _Strips) -> int:
    """Returns how many may be: what is written out of order cannot lie on the input."""
    whole = way.lines.outputs * way.columns.outputs
    return whole if target.optimize == "speed" else whole // 4


def _geometry(way: _Strips, channels: int, row: int, output_row: int) -> tuple[dict[str, Param], int]:
    lines, columns, height = way.lines, way.columns, way.height
    steps = (channels, row) if way.transposed else (row, channels)
    made = (channels, output_row) if way.transposed else (output_row, channels)
    blocks = -(-columns.outputs // way.block[1])
    stride = way.block[1] * columns.stride * height
    used = max((blocks - 1) * stride + _VECTOR, (columns.before + columns.size) * height)
    length = -(-used // _VECTOR) * _VECTOR
    places = [x * height + y for x in range(columns.kernel) for y in range(lines.kernel)]
    outputs = [(y, x) for y in range(way.block[0]) for x in range(way.block[1])]
    return {
        "places": places + [0] * (_VECTOR - len(places)),
        "displacements": [x * columns.stride * height + y for y, x in outputs],
        "input_lines": lines.size,
        "input_columns": columns.size,
        "line_step": steps[0],
        "column_step": steps[1],
        "offsets": [i % height * steps[0] + i // height * steps[1] for i in range(_GATHERED)],
        "height": height,
        "strips": way.strips,
        "advance": way.block[0] * lines.stride,
        "before": lines.before,
        "left": columns.before,
        "length": length,
        "output_lines": lines.outputs,
        "output_columns": columns.outputs,
        "output_line_step": made[0],
        "output_column_step": made[1],
        "block_lines": way.block[0],
        "block_columns": way.block[1],
        "stride": stride,
    }, length


def _folded(weights: NDArray[np.int8], bias: NDArray[np.int32] | None, zero_point: int) -> NDArray[np.int32]:
    """Returns the bias, minus input zero point x sum of weights."""
    folded = -zero_point * weights.astype(np.int64).sum(1)
    return np.asarray(folded if bias is None else folded + bias.reshape(-1), np.int32)


VARIANT = DepthwiseConv2DStripsMve()

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
_MAX_SHIFT = 23  # to the right: the zero point is shifted to the left by it
_MOST_APART = 4096  # bytes of strips that are kept
_RECORD = 48  # bytes of scratch before the strip

# Instructions, counted: per channel, per strip of a channel, per gathered 8 bytes, per 4 outputs; of the
# other kernel per 16 channels of an output, and for each of its taps.
_CHANNEL, _STRIP, _GATHER, _BLOCK = 45, 65, 4, 14
_PIXEL, _TAP = 44, 12


@dataclass(frozen=True, slots=True)
class _Strips:
    """How a picture is cut.

    Args:
        lines: The window along the axis across the strips.
        columns: The window along the strips.
        transposed: Whether lines are columns of the picture.
        whole: Whether all strips of a channel are done before the next channel.
    """

    lines: Window
    columns: Window
    transposed: bool
    whole: bool

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

    @property
    def together(self) -> int:
        """Strips that are done channel by channel."""
        return self.strips if self.whole else 1

    @property
    def unordered(self) -> int:
        """Consecutive outputs that are written in no certain order."""
        outputs = self.lines.outputs * self.columns.outputs
        return outputs if self.whole else min(outputs, self.block[0] * self.columns.outputs)

    def cost(self, channels: int) -> int:
        """Returns about how many instructions they take."""
        gathers = -(-self.columns.size * self.height // _GATHERED)
        blocks = -(-self.columns.outputs // self.block[1])
        strip = _STRIP + gathers * _GATHER + blocks * _BLOCK
        return channels * (self.strips // self.together * _CHANNEL + self.strips * strip)


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
        ways = [way for way in _ways(vertical, horizontal, target) if way.fits]
        rounding = matrix.rounds_twice(node, channels)
        if not ways or rounding is None or int(rounding.shifts.min()) < -_MAX_SHIFT:
            return None
        way = min(ways, key=lambda way: way.cost(channels))
        taps = vertical.kernel * horizontal.kernel
        pixel = -(-channels // _VECTOR) * (_PIXEL + _TAP * taps)
        if channels >= _VECTOR and pixel * vertical.outputs * horizontal.outputs <= way.cost(channels):
            return None
        if activation.clamp(output, activation.of(node.options)) != (-128, 127):
            return None
        params, memory = _geometry(way, channels, data.shape[2] * channels, output.shape[2] * channels)
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
                "fix": int(rounding.fix),
                "output_zero_point": output.q.zero_point,
                "input_zero_point": data.q.zero_point,
                "batches": data.shape[0],
                "input_size": data.elements // data.shape[0],
                "output_size": output.elements // data.shape[0],
            },
            (data.index,),
            (output.index,),
            constants,
            scratch_bytes=_RECORD + memory + 4 * way.together,
            overlap=overlap.of_windows(data, output, vertical, horizontal, together=way.unordered),
        )


def _ways(vertical: Window, horizontal: Window, target: Target) -> list[_Strips]:
    """Returns how a picture may be cut: what is written out of order cannot lie on the input."""
    if target.optimize == "speed":
        return [_Strips(vertical, horizontal, False, True), _Strips(horizontal, vertical, True, True)]
    way = _Strips(vertical, horizontal, False, False)
    return [way] if 4 * way.unordered <= vertical.outputs * horizontal.outputs else []


def _geometry(way: _Strips, channels: int, row: int, output_row: int) -> tuple[dict[str, Param], int]:
    lines, columns, height = way.lines, way.columns, way.height
    steps = (channels, row) if way.transposed else (row, channels)
    made = (channels, output_row) if way.transposed else (output_row, channels)
    blocks = -(-columns.outputs // way.block[1])
    stride = way.block[1] * columns.stride * height
    gathered = -(-columns.size * height // _GATHERED) * _GATHERED
    used = max((blocks - 1) * stride + _VECTOR, columns.before * height + gathered)
    whole = lines.outputs % way.block[0] == columns.outputs % way.block[1] == 0
    apart = way.whole and whole and (stride, used) == (8, 8 * blocks + 8) and used * way.strips <= _MOST_APART
    memory = matrix.up(used * way.strips if apart else used, _VECTOR)
    places = [x * height + y for x in range(columns.kernel) for y in range(lines.kernel)]
    outputs = [(y, x) for y in range(way.block[0]) for x in range(way.block[1])]
    return {
        "places": places + [_VECTOR] * (_VECTOR - len(places)),
        "displacements": [x * columns.stride * height + y for y, x in outputs],
        "input_lines": lines.size,
        "input_columns": columns.size,
        "gathers": columns.size * height // _GATHERED,
        "last_gather": columns.size * height % _GATHERED,
        "gather_step": _GATHERED // height * steps[1],
        "line_step": steps[0],
        "column_step": steps[1],
        "offsets": [i % height * steps[0] + i // height * steps[1] for i in range(_GATHERED)],
        "height": height,
        "strips": way.strips,
        "together": way.together,
        "advance": way.block[0] * lines.stride,
        "before": lines.before,
        "left": columns.before,
        "length": used,
        "memory": memory,
        "apart": apart,
        "output_lines": lines.outputs,
        "output_columns": columns.outputs,
        "output_line_step": made[0],
        "output_column_step": made[1],
        "block_lines": way.block[0],
        "block_columns": way.block[1],
        "blocks": columns.outputs // way.block[1],
        "last_block": columns.outputs % way.block[1],
        "stride": stride,
    }, memory


def _folded(weights: NDArray[np.int8], bias: NDArray[np.int32] | None, zero_point: int) -> NDArray[np.int32]:
    """Returns the bias, minus input zero point x sum of weights."""
    folded = -zero_point * weights.astype(np.int64).sum(1)
    return np.asarray(folded if bias is None else folded + bias.reshape(-1), np.int32)


VARIANT = DepthwiseConv2DStripsMve()

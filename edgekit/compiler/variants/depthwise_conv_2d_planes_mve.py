"""DEPTHWISE_CONV_2D of narrow pictures with Helium: a vector holds all rows under a window."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Param, Ref, Target
from edgekit.compiler.ops.common import activation, filters, overlap
from edgekit.compiler.ops.common.geometry import Window
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8, matrix

_VECTOR = 16
_LANES = 4  # output rows at once
_COLUMNS = range(4, 9)  # of the output, as many as pay and as the kernel takes
_GATHERED = 8  # pixels that one load gathers
_TOGETHER = 4  # channels that are gathered at once
_LEAST = 16  # pixels of channels that are
_MAX_OFFSET = (1 << 16) - 1
_MAX_SHIFT = 23  # to the right: the zero point is shifted to the left by it

# Instructions, counted: per channel, per 8 gathered pixels, per column, part, four rows of a part, four
# outputs; of the kernel of sixteen channels per output, and for each of its taps.
_CHANNEL, _GATHER, _COLUMN, _PART, _ROWS, _OUTPUTS = 50, 4, 11, 50, 17, 13
_PIXEL, _TAP = 44, 12


class DepthwiseConv2DPlanesMve(Variant):
    """Four outputs of a column at once; it writes out of order, which is for speed alone."""

    op = "DEPTHWISE_CONV_2D"
    feature = "mve"
    priority = PRIORITY + 2

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_depthwise_planes_s8_mve; None where it does not apply or pay."""
        data, output = node.input(0), node.output()
        channels = data.shape[3]
        if target.optimize != "speed" or not is_int8(node) or channels != output.shape[3]:
            return None
        vertical, horizontal = filters.windows(node)
        rounding = matrix.rounds_twice(node, channels)
        if (
            not _fits(vertical, horizontal)
            or rounding is None
            or int(rounding.shifts.min()) < -_MAX_SHIFT
            or (_GATHERED - 1) * channels > _MAX_OFFSET
            or activation.clamp(output, activation.of(node.options)) != (-128, 127)
        ):
            return None
        parts = _parts(vertical, horizontal)
        taps = vertical.kernel * horizontal.kernel
        pixel = -(-channels // _VECTOR) * (_PIXEL + _TAP * taps)
        least = pixel * vertical.outputs * horizontal.outputs
        if channels >= _VECTOR and least <= channels * _cost(vertical, horizontal, len(parts)):
            return None
        params, plane = _geometry(vertical, horizontal, parts)
        together = 1 if channels % _TOGETHER or vertical.size * horizontal.size < _LEAST else _TOGETHER
        rows = filters.rows(node.input(1), 3)
        bias = filters.values(node.optional(2))
        constants = (
            Constant("bias", np.zeros(channels, np.int32) if bias is None else bias.reshape(-1)),
            Constant("multipliers", rounding.multipliers),
            Constant("shifts", rounding.shifts),
            Constant("weights", np.append(rows.reshape(-1), np.zeros(_VECTOR, np.int8))),
        )
        return KernelCall(
            "ek_depthwise_planes_s8_mve",
            {
                **{constant.name: Ref(constant.name) for constant in constants},
                "channels": channels,
                "taps": taps,
                **params,
                "together": together,
                "fix": int(rounding.fix),
                "output_zero_point": output.q.zero_point,
                "input_zero_point": data.q.zero_point,
                "batches": data.shape[0],
            },
            (data.index,),
            (output.index,),
            constants,
            scratch_bytes=32 * horizontal.outputs
            + 3 * _VECTOR
            + together * plane
            + (4 * _VECTOR if together > 1 else 0),
            overlap=overlap.of_windows(
                data, output, vertical, horizontal, together=vertical.outputs * horizontal.outputs
            ),
        )


def _fits(vertical: Window, horizontal: Window) -> bool:
    """Returns whether a vector holds the rows under any window, and there are enough outputs."""
    span = (vertical.kernel - 1) * horizontal.size + horizontal.kernel
    return (
        max(vertical.dilation, horizontal.dilation) == 1
        and vertical.kernel > 1
        and span <= _VECTOR
        and horizontal.kernel <= horizontal.size
        and vertical.outputs >= _LANES
        and horizontal.outputs in _COLUMNS
    )


def _inside(horizontal: Window, column: int) -> tuple[int, int]:
    """Returns the columns of the picture under the windows of an output column: first, behind the last."""
    first = column * horizontal.stride - horizontal.before
    return max(0, first), min(horizontal.size, first + horizontal.kernel)


def _parts(vertical: Window, horizontal: Window) -> list[tuple[int, int]]:
    """Returns where vectors begin in a row, and how many columns each serves."""
    found: list[tuple[int, int]] = []
    for column in range(horizontal.outputs):
        first, end = _inside(horizontal, column)
        if found and (vertical.kernel - 1) * horizontal.size + end - found[-1][0] <= _VECTOR:
            found[-1] = found[-1][0], found[-1][1] + 1
        else:
            found.append((first, 1))
    return found


def _cost(vertical: Window, horizontal: Window, parts: int) -> int:
    """Returns about how many instructions a channel takes."""
    gathers = -(-vertical.size * horizontal.size // _GATHERED)
    rows = parts * _ROWS + horizontal.outputs * _OUTPUTS
    once = _CHANNEL + gathers * _GATHER + horizontal.outputs * _COLUMN + parts * _PART
    return once + -(-vertical.outputs // _LANES) * rows


def _geometry(
    vertical: Window, horizontal: Window, parts: list[tuple[int, int]]
) -> tuple[dict[str, Param], int]:
    """Returns fields, and the bytes of a plane."""
    width, outputs = horizontal.size, horizontal.outputs
    places = [y * width + x for y in range(vertical.kernel) for x in range(horizontal.kernel)]
    offsets = [offset for offset, count in parts for _ in range(count)]
    masks = []
    for column, offset in enumerate(offsets):
        columns = range(*_inside(horizontal, column))
        masks.append(sum(1 << (y * width + x - offset) for y in range(vertical.kernel) for x in columns))
    above, pixels = vertical.before * width, vertical.size * width
    step = vertical.stride * width
    plane = matrix.up(max((vertical.outputs - 1) * step + offsets[-1] + _VECTOR, above + pixels), _VECTOR)
    return {
        "places": places + [_VECTOR] * (_VECTOR - len(places)),
        "pixels": pixels,
        "above": above,
        "plane": plane,
        "output_rows": vertical.outputs,
        "row_step": step,
        "columns": outputs,
        "taps_of": _filled(
            [
                {"displacement": x * horizontal.stride - horizontal.before - offset, "inside": inside}
                for x, (offset, inside) in enumerate(zip(offsets, masks, strict=True))
            ],
            {"displacement": 0, "inside": 0},
        ),
        "parts": len(parts),
        "part_offsets": _filled([offset for offset, _ in parts]),
        "part_columns": _filled([count for _, count in parts]),
    }, plane


def _filled(values: list[Param], filler: Param = 0) -> list[Param]:
    """Returns values and fillers, as many as the kernel has places for."""
    return values + [filler] * (_COLUMNS[-1] - len(values))


VARIANT = DepthwiseConv2DPlanesMve()

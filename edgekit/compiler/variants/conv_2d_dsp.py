"""CONV_2D by SIMD multiplication."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.ops.common.geometry import Window
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import dense, matrix, packing

_PIXELS = 3
_LARGEST = (1 << 16) - 1  # of the parameters


class Conv2DDsp(Variant):
    """Three pixels by two channels at a time; windows are widened to a small panel in the scratch."""

    op = "CONV_2D"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_conv2d_s8_dsp, or None where its arithmetic or dilation does not fit."""
        data, weights, output = node.input(0), node.input(1), node.output()
        vertical, horizontal = filters.windows(node)
        if horizontal.kernel > 1 and horizontal.dilation != 1:
            return None
        inside = data.shape[1:3] == weights.shape[1:3] and vertical.dilation == 1
        if inside and output.elements == output.shape[0] * output.shape[3]:
            return dense.lowered(node, target, once=False)
        constants = matrix.channels(node)
        if constants is None:
            return None
        rows = filters.rows(weights, 0).reshape(weights.shape[0], vertical.kernel, -1)
        rows = packing.padded(packing.padded(rows, 2, 4), 0, 2)
        packed = packing.pairs(rows.reshape(len(rows), -1))
        if packed is None:
            return None
        channels = packing.words(packing.padded(constants, 0, 2)).reshape(len(packed), -1)
        batches, height, width, depth = data.shape
        sizes = {
            "batches": batches,
            "input_height": height,
            "input_width": width,
            "input_channels": depth,
            "output_height": output.shape[1],
            "output_width": output.shape[2],
            "output_channels": output.shape[3],
            "kernel_height": vertical.kernel,
            "kernel_width": horizontal.kernel,
            "row": rows.shape[2],
            "stride_height": vertical.stride,
            "stride_width": horizontal.stride,
            "dilation_height": vertical.dilation,
            "pad_top": vertical.before,
            "pad_left": horizontal.before,
        }
        if _pixelwise(vertical, horizontal) and height * width <= _LARGEST:
            sizes |= dict.fromkeys(("input_height", "output_height"), 1)
            sizes |= dict.fromkeys(("input_width", "output_width"), height * width)
        if max(sizes.values()) > _LARGEST:
            return None
        return KernelCall(
            "ek_conv2d_s8_dsp",
            {
                "stream": Ref("stream"),
                **sizes,
                "input_zero_point": data.q.zero_point,
                "rounding": matrix.rounding(node),
                "backward": False,
                **packing.clamp(node),
            },
            (data.index,),
            (output.index,),
            (Constant("stream", np.concatenate([packed, channels], 1)),),
            scratch_bytes=packed.shape[1] * _PIXELS * 4,
            overlap=overlap.of_windows(data, output, vertical, horizontal, gathers=True, backward=True),
        )


def _pixelwise(vertical: Window, horizontal: Window) -> bool:
    """Says whether an output depends on one pixel alone, so that rows have no meaning."""
    return vertical.kernel * horizontal.kernel * vertical.stride * horizontal.stride == 1


VARIANT = Conv2DDsp()

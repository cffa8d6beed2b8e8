"""CONV_2D of small windows in one row by SIMD multiplication."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import packing, scaling

_MOST_BYTES = 9  # of a window
_FEWEST = 8  # pixels that pay for preparing a channel's weights
_TILE = {"speed": 256, "balanced": 32, "ram": 16}  # pixels


class Conv2DNarrowDsp(Variant):
    """A channel at a time, whose weights stay in registers; windows are widened to the scratch."""

    op = "CONV_2D"
    feature = "dsp"
    priority = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_conv2d_narrow_s8_dsp, or None where the node does not fit it."""
        data, weights, output = node.input(0), node.input(1), node.output()
        vertical, horizontal = filters.windows(node)
        channels, _, kernel, inputs = weights.shape
        if vertical.kernel != 1 or inputs != data.shape[3] or kernel * inputs > _MOST_BYTES:
            return None
        pixels = output.shape[1] * output.shape[2]
        if (kernel > 1 and horizontal.dilation != 1) or pixels < _FEWEST:
            return None
        scaled = scaling.channels(node, 0)
        if scaled is None:
            return None
        words = 2 if kernel * inputs <= 8 else 3
        taps = packing.padded(scaled.rows.reshape(channels, -1), 1, 4 * words)
        stream = [np.ascontiguousarray(taps).view(np.uint32), packing.words(scaled.words)]
        tile = min(_TILE[target.optimize], pixels)
        clamp = packing.clamp(node)
        return KernelCall(
            "ek_conv2d_narrow_s8_dsp",
            {
                "stream": Ref("stream"),
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "input_channels": inputs,
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "output_channels": channels,
                "kernel_width": kernel,
                "stride_height": vertical.stride,
                "stride_width": horizontal.stride,
                "pad_left": horizontal.before,
                "input_zero_point": data.q.zero_point,
                "tile": tile,
                "rectified": clamp["low"] == output.q.zero_point,
                **clamp,
            },
            (data.index,),
            (output.index,),
            (Constant("stream", np.concatenate(stream, 1)),),
            scratch_bytes=(16 if words == 2 else 20) * tile,
            overlap=overlap.of_windows(data, output, vertical, horizontal, gathers=True),
        )


VARIANT = Conv2DNarrowDsp()

"""DEPTHWISE_CONV_2D of 3 x 3 and stride 2 by SIMD multiplication."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import packing, scaling

_ORDER = [0, 3, 1, 4, 6, 2, 7, 5, 8]  # of the taps in a channel's bytes
_TILE = {"ram": 8, "balanced": 24, "speed": 24}  # outputs at a time


class DepthwiseConv2D3x3Stride2Dsp(Variant):
    """Four outputs of a channel at a time, two neighbours of a row in each word."""

    op = "DEPTHWISE_CONV_2D"
    feature = "dsp"
    priority = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of the kernel, or None where the node does not fit it."""
        data, output = node.input(0), node.output()
        vertical, horizontal = filters.windows(node)
        channels = output.shape[3]
        if channels != data.shape[3] or channels % 4:
            return None
        if any((w.kernel, w.stride, w.dilation) != (3, 2, 1) for w in (vertical, horizontal)):
            return None
        scaled = scaling.channels(node, 3)
        if scaled is None:
            return None
        taps = np.pad(scaled.rows.reshape(channels, 9)[:, _ORDER], [(0, 0), (0, 3)]).copy().view(np.uint32)
        tile = min(_TILE[target.optimize], output.shape[2])
        clamp = packing.clamp(node)
        return KernelCall(
            "ek_depthwise_conv2d_3x3_stride2_s8_dsp",
            {
                "stream": Ref("stream"),
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "channels": channels,
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "pad_top": vertical.before,
                "pad_left": horizontal.before,
                "input_zero_point": data.q.zero_point,
                "tile": tile,
                "rectified": clamp["low"] == output.q.zero_point,
                **clamp,
            },
            (data.index,),
            (output.index,),
            (Constant("stream", np.concatenate([taps, packing.words(scaled.words)], 1)),),
            scratch_bytes=48 * (tile + 1) + 4,
            overlap=overlap.of_windows(data, output, vertical, horizontal, together=output.shape[2]),
        )


VARIANT = DepthwiseConv2D3x3Stride2Dsp()

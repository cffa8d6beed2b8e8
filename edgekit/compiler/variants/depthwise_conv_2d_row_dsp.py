"""DEPTHWISE_CONV_2D one row high by SIMD multiplication."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import packing, scaling

_TAPS = 10
_MORE = 4  # words of a window but the first, MORE in the kernel
_TILE = {"ram": 16, "balanced": 32, "speed": 32}  # windows at a time


class DepthwiseConv2DRowDsp(Variant):
    """Four outputs of a channel at a time, two neighbours of the input in each word."""

    op = "DEPTHWISE_CONV_2D"
    feature = "dsp"
    priority = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_depthwise_conv2d_row_s8_dsp, or None where the node does not fit it."""
        data, output = node.input(0), node.output()
        vertical, horizontal = filters.windows(node)
        channels = output.shape[3]
        if channels != data.shape[3] or channels % 4 or horizontal.stride > 2 or horizontal.dilation > 1:
            return None
        taps = horizontal.kernel + (horizontal.stride == 1)
        if vertical.kernel > 1 or vertical.before or taps > _TAPS:
            return None
        scaled = scaling.channels(node, 3)
        if scaled is None:
            return None
        windows = output.shape[2] if horizontal.stride == 2 else -(-output.shape[2] // 2)
        tile = max(_MORE, min(_TILE[target.optimize], windows))
        weights = np.pad(scaled.rows, [(0, 0), (0, 12 - horizontal.kernel)]).reshape(channels, 3, 4)
        pairs = np.ascontiguousarray(weights[:, :, [0, 2, 1, 3]]).reshape(channels, 12).view(np.uint32)
        clamp = packing.clamp(node)
        return KernelCall(
            "ek_depthwise_conv2d_row_s8_dsp",
            {
                "stream": Ref("stream"),
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "channels": channels,
                "output_height": output.shape[1],
                "output_width": output.shape[2],
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
            (Constant("stream", np.concatenate([pairs, packing.words(scaled.words)], 1)),),
            scratch_bytes=16 * (tile + _MORE) + 4,
            in_place=((0, 0),) if data.shape == output.shape else (),
            overlap=overlap.of_windows(data, output, vertical, horizontal, together=output.shape[2]),
        )


VARIANT = DepthwiseConv2DRowDsp()

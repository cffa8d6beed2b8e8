"""DEPTHWISE_CONV_2D of 3 x 3 and stride 1 by SIMD multiplication."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import packing, scaling


def rectified(node: NodeView) -> bool:
    """Tells whether no output of a node is below the zero point."""
    return packing.clamp(node)["low"] == node.output().q.zero_point


class DepthwiseConv2D3x3Dsp(Variant):
    """Two rows by two columns of a channel at a time, four channels after each other, in place."""

    op = "DEPTHWISE_CONV_2D"
    feature = "dsp"
    priority = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of the kernel that rounds as the node needs it, or None where it does not fit."""
        data, output = node.input(0), node.output()
        vertical, horizontal = filters.windows(node)
        channels = output.shape[3]
        if channels != data.shape[3] or channels % 4:
            return None
        if any((w.kernel, w.stride, w.dilation) != (3, 1, 1) for w in (vertical, horizontal)):
            return None
        scaled = scaling.channels(node, 3)
        if scaled is None:
            return None
        columns = scaled.rows.reshape(channels, 3, 3).transpose(0, 2, 1)
        taps = np.ascontiguousarray(columns[:, :, [0, 1, 1, 2]]).reshape(channels, 12).view(np.uint32)
        return KernelCall(
            "ek_depthwise_conv2d_3x3_relu_s8_dsp" if rectified(node) else "ek_depthwise_conv2d_3x3_s8_dsp",
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
                **packing.clamp(node),
            },
            (data.index,),
            (output.index,),
            (Constant("stream", np.concatenate([taps, packing.words(scaled.words)], 1)),),
            scratch_bytes=48 * (output.shape[2] + 2) + 4,
            in_place=((0, 0),) if data.shape == output.shape else (),
        )


VARIANT = DepthwiseConv2D3x3Dsp()

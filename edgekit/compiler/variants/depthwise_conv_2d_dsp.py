"""DEPTHWISE_CONV_2D by SIMD multiplication."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import packing

_CHANNELS = 4
_LARGEST_WINDOW = 32  # words, WINDOW in the kernel
_SHORT = 6  # words, SHORT in the kernel
_TILE = {"ram": 16, "balanced": 32, "speed": 32}  # windows at a time


class DepthwiseConv2DDsp(Variant):
    """Two neighbouring elements of a channel at a time, on planes of four channels in the scratch."""

    op = "DEPTHWISE_CONV_2D"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_depthwise_conv2d_s8_dsp, or None where the node does not fit it."""
        data, weights, output = node.input(0), node.input(1), node.output()
        vertical, horizontal = filters.windows(node)
        channels = output.shape[3]
        if (
            channels != data.shape[3]
            or channels % _CHANNELS
            or max(vertical.dilation, horizontal.dilation) > 1
        ):
            return None
        along = vertical.kernel == 1 and vertical.before == 0 and horizontal.stride <= 2
        stride, taps = (horizontal.stride, horizontal.kernel) if along else (vertical.stride, vertical.kernel)
        both = stride == 1
        pairs = -(-(taps + both) // 2)
        window = max(_SHORT, pairs if along else pairs * horizontal.kernel)
        constants = packing.channels(node, 3)
        if window > _LARGEST_WINDOW or constants is None:
            return None
        step = 1 if along else pairs * horizontal.stride
        windows = -(-output.shape[2] // 2) if along and both else output.shape[2]
        tile = min(_TILE[target.optimize], windows)
        stream = np.concatenate(
            [_pairs(filters.rows(weights, 3).reshape(channels, *weights.shape[1:3]), along, pairs, window),
             packing.words(constants.words)],
            1,
        )  # fmt: skip
        return KernelCall(
            "ek_depthwise_conv2d_s8_dsp",
            {
                "stream": Ref("stream"),
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "channels": channels,
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "kernel_width": horizontal.kernel,
                "stride_height": vertical.stride,
                "stride_width": horizontal.stride,
                "pad_top": vertical.before,
                "pad_left": horizontal.before,
                "input_zero_point": data.q.zero_point,
                "along": along,
                "both": both,
                "pairs": 1 if along else pairs,
                "window": window,
                "step": step,
                "tile": tile,
                **packing.clamp(node),
            },
            (data.index,),
            (output.index,),
            (Constant("stream", stream),),
            scratch_bytes=16 * ((tile - 1) * step + window) + 4,
            overlap=overlap.of_windows(
                data, output, vertical, horizontal, together=output.shape[2] * (1 if along or not both else 2)
            ),
        )


def _pairs(weights: np.ndarray, along: bool, pairs: int, window: int) -> np.ndarray:
    """Returns the weights [channels, height, width] as words of two pairs each, uint32 [channels, ...]."""
    columns = weights if along else weights.transpose(0, 2, 1)
    columns = np.pad(columns, [(0, 0), (0, 0), (0, 2 * pairs - columns.shape[2])])
    flat = columns.reshape(len(columns), -1)
    flat = np.pad(flat, [(0, 0), (0, 2 * window - flat.shape[1])])
    bytes_ = packing.padded(flat, 1, 4).reshape(len(columns), -1, 4)
    return np.ascontiguousarray(bytes_[:, :, [0, 2, 1, 3]]).view(np.uint32).reshape(len(columns), -1)


VARIANT = DepthwiseConv2DDsp()

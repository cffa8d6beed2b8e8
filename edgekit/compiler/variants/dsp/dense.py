"""The call of ek_fully_connected[_inline]_s8_dsp, which also compute convolutions of a single pixel."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common import filters
from edgekit.compiler.variants.dsp import matrix, packing

_CHANNELS = 4
_STEPS = 8  # of depth at a time
_LARGEST_SUM = 1 << 23  # 256 x a sum fits 32 bit


def lowered(node: NodeView, target: Target, once: bool) -> KernelCall | None:
    """Returns the call for weights [outputs, ..., inputs], or None where the node does not fit the kernel.

    Args:
        node: A checked node; every output depends on all weights of its channel.
        target: Unless it is optimised for speed, the kernel that needs no scratch is taken where it can be.
        once: Whether the sum is rounded once.
    """
    data, weights, output = node.input(0), node.input(1), node.output()
    constants = matrix.channels(node, once)
    if constants is None:
        return None
    rows = filters.rows(weights, 0).reshape(weights.shape[0], -1)
    outputs, inputs = rows.shape
    packed = packing.pairs(packing.padded(packing.padded(rows, 1, _STEPS), 0, _CHANNELS))
    if packed is None:
        return None
    constants = packing.padded(constants, 0, _CHANNELS)
    bias = (constants[:, 0] >> 9).astype(np.int64)
    constants[:, 0] &= 511
    if (128 * np.abs(rows.astype(np.int64)).sum(1) + np.abs(bias[:outputs])).max() >= _LARGEST_SUM:
        return None
    groups = -(-outputs // _CHANNELS)
    depth = 2 * packed.shape[1]
    begin = np.stack([256 * bias[1::2] + bias[::2], bias[::2]], 1) & 0xFFFFFFFF
    stream = np.concatenate(
        [
            begin.astype(np.uint32).reshape(groups, -1),
            packed.reshape(groups, 2, -1).transpose(0, 2, 1).reshape(groups, -1),
            packing.words(constants).reshape(groups, -1),
        ],
        1,
    )
    inline = target.optimize != "speed" and inputs % _STEPS == 0
    return KernelCall(
        "ek_fully_connected_inline_s8_dsp" if inline else "ek_fully_connected_s8_dsp",
        {
            "stream": Ref("stream"),
            "batches": output.elements // outputs,
            "inputs": inputs,
            "depth": depth,
            "outputs": outputs,
            "rounding": matrix.rounding(node, once),
            **packing.clamp(node),
        },
        (data.index,),
        (output.index,),
        (Constant("stream", stream),),
        scratch_bytes=0 if inline else 2 * depth,
    )

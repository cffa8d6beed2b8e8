"""The call of ek_fully_connected_s8_dsp, which also computes convolutions of a single pixel."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Ref
from edgekit.compiler.ops.common import filters
from edgekit.compiler.variants.dsp import packing

_CHANNELS = 4


def lowered(node: NodeView, once: bool) -> KernelCall | None:
    """Returns the call for weights [outputs, ..., inputs], or None where the node does not fit the kernel.

    Args:
        node: A checked node; every output depends on all weights of its channel.
        once: Whether the sum is rounded once.
    """
    data, weights, output = node.input(0), node.input(1), node.output()
    constants = packing.channels(node, 0, once)
    if constants is None:
        return None
    rows = filters.rows(weights, 0).reshape(weights.shape[0], -1)
    outputs, inputs = rows.shape
    packed = packing.pairs(packing.padded(packing.padded(rows, 1, 4), 0, _CHANNELS))
    if packed is None:
        return None
    groups = -(-outputs // _CHANNELS)
    depth = 2 * packed.shape[1]
    stream = np.concatenate(
        [
            packed.reshape(groups, 2, -1).transpose(0, 2, 1).reshape(groups, -1),
            packing.words(packing.padded(constants.words, 0, _CHANNELS)).reshape(groups, -1),
        ],
        1,
    )
    return KernelCall(
        "ek_fully_connected_s8_dsp",
        {
            "stream": Ref("stream"),
            "batches": output.elements // outputs,
            "inputs": inputs,
            "depth": depth,
            "outputs": outputs,
            "once": once,
            **packing.clamp(node),
        },
        (data.index,),
        (output.index,),
        (Constant("stream", stream),),
        scratch_bytes=2 * depth,
    )

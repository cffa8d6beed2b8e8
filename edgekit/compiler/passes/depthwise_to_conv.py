"""A depthwise convolution of a single channel is a convolution."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import Graph, NodeView, Tensor
from edgekit.compiler.ops.base import Target, operators
from edgekit.compiler.passes.base import Pass
from edgekit.compiler.rewriting import sound
from edgekit.quant import Quantization


class DepthwiseToConv(Pass):
    """Makes DEPTHWISE_CONV_2D over one input channel a CONV_2D, whose kernels share taps among outputs.

    Keyword networks often begin so, with several outputs for their only channel. The sums and their roundings
    are the same.
    """

    order = 45
    summary = "makes a depthwise convolution of one channel a convolution"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        known = operators().by_name
        changed = 0
        for node in graph.nodes:
            view = graph.view(node)
            if node.op != "DEPTHWISE_CONV_2D" or not sound(view, known):
                continue
            if view.input(0).shape[3] != 1 or view.output().dtype != np.int8:
                continue
            graph.tensors.append(_filters(view, len(graph.tensors)))
            node.op = "CONV_2D"
            node.inputs[1] = len(graph.tensors) - 1
            changed += 1
        return changed


def _filters(view: NodeView, index: int) -> Tensor:
    """Returns the weights [1, height, width, outputs] as a convolution has them."""
    weights = view.input(1)
    assert weights.data is not None
    return Tensor(
        index,
        weights.name,
        (*weights.shape[3:], *weights.shape[1:3], 1),
        weights.dtype,
        Quantization(weights.q.scales, weights.q.zero_points, 0),
        np.ascontiguousarray(weights.data.transpose(3, 1, 2, 0)),
    )


PASS = DepthwiseToConv()

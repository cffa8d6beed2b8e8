"""What passes ask about a graph before they rewrite it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from edgekit.compiler.graph import ABSENT, Graph, Node, NodeView, Tensor
from edgekit.compiler.ops.base import Operator


def uses(graph: Graph) -> Counter[int]:
    """Returns how often each tensor is read, an output of the graph once more than its readers do."""
    return Counter([*graph.outputs, *(i for node in graph.nodes for i in node.inputs if i != ABSENT)])


def writers(graph: Graph) -> dict[int, Node]:
    """Returns the node that writes each tensor that one writes."""
    return {i: node for node in graph.nodes for i in node.outputs}


def sound(view: NodeView, known: Mapping[str, Operator]) -> bool:
    """Says whether the operator of a node is known and takes it."""
    operator = known.get(view.node.op)
    return operator is not None and not any(operator.check(view))


def same_quantization(first: Tensor, second: Tensor) -> bool:
    """Says whether two tensors have exactly the same quantisation, or neither has any."""
    a, b = first.quantization, second.quantization
    if a is None or b is None:
        return a is b
    return np.array_equal(a.scales, b.scales) and np.array_equal(a.zero_points, b.zero_points)

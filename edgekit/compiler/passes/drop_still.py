"""Nodes whose output is their input, element by element and in the same shape."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import Graph, NodeView
from edgekit.compiler.ops.base import Alias, Operator, Target, operators
from edgekit.compiler.ops.common.movement import Movement
from edgekit.compiler.passes.base import Pass

_RESHAPES = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS", "CAST")


class DropStill(Pass):
    """Drops RESHAPE, TRANSPOSE, SLICE, CAST and their kin where they change nothing.

    Their readers read their input instead, which brings producers and consumers together for other
    passes. A node that writes an output of the graph stays: the output has its name.
    """

    order = 30
    summary = "drops reshapes, transpositions, slices and casts that change nothing"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        known = operators().by_name
        instead: dict[int, int] = {}
        kept = []
        for node in graph.nodes:
            node.inputs = [instead.get(i, i) for i in node.inputs]
            view = graph.view(node)
            operator = known.get(node.op)
            if operator and not set(node.outputs) & set(graph.outputs) and _still(operator, view):
                instead[node.outputs[0]] = node.inputs[0]
            else:
                kept.append(node)
        changes = len(graph.nodes) - len(kept)
        graph.nodes = kept
        return changes


def _still(operator: Operator, node: NodeView) -> bool:
    if not (isinstance(operator, Movement) or operator.name in _RESHAPES) or any(operator.check(node)):
        return False
    data, output = node.input(0), node.output()
    a, b = data.quantization, output.quantization
    same = a is b or (
        a is not None
        and b is not None
        and np.array_equal(a.scales, b.scales)
        and np.array_equal(a.zero_points, b.zero_points)
    )
    if not same or data.shape != output.shape or data.dtype != output.dtype or data.variable:
        return False
    return operator.name in _RESHAPES or isinstance(operator.lower(node, Target()), Alias)


PASS = DropStill()

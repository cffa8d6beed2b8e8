"""Nodes whose results nobody reads."""

from __future__ import annotations

from edgekit.compiler.graph import ABSENT, Graph
from edgekit.compiler.ops.base import Target
from edgekit.compiler.passes.base import Pass


class DropDead(Pass):
    """Drops every node that has outputs, none of which reaches an output or a state of the graph."""

    order = 90
    summary = "drops nodes whose results nobody reads"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        needed = {*graph.outputs, *(tensor.index for tensor in graph.tensors if tensor.variable)}
        kept = []
        for node in reversed(graph.nodes):
            touches_state = any(i != ABSENT and graph.tensors[i].variable for i in node.inputs)
            if not node.outputs or touches_state or needed.intersection(node.outputs):
                needed.update(node.inputs)
                kept.append(node)
        changes = len(graph.nodes) - len(kept)
        graph.nodes = kept[::-1]
        return changes


PASS = DropDead()

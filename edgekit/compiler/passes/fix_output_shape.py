"""TRANSPOSE_CONV needs no shape at run time: every shape is fixed at export."""

from __future__ import annotations

from edgekit.compiler.graph import ABSENT, Graph
from edgekit.compiler.ops.base import Target
from edgekit.compiler.passes.base import Pass


class FixOutputShape(Pass):
    """Drops the first input of TRANSPOSE_CONV where a node computes it."""

    order = 10
    summary = "drops the computed output shape of TRANSPOSE_CONV, which its output states"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        written = {tensor for node in graph.nodes for tensor in node.outputs}
        changes = 0
        for node in graph.nodes:
            if node.op == "TRANSPOSE_CONV" and node.inputs and node.inputs[0] in written:
                node.inputs = [ABSENT, *node.inputs[1:]]
                changes += 1
        return changes


PASS = FixOutputShape()

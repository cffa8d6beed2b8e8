"""RESHAPE needs no shape at run time: every shape is fixed at export."""

from __future__ import annotations

from edgekit.compiler.graph import ABSENT, Graph
from edgekit.compiler.ops.base import Target
from edgekit.compiler.passes.base import Pass


class FixReshape(Pass):
    """Drops the second input of RESHAPE where a node computes it.

    Converters emit SHAPE, STRIDED_SLICE and PACK to keep a free batch; with a fixed batch these
    compute a constant that the output's shape already states.
    """

    order = 10
    summary = "drops the computed shape of RESHAPE, which its fixed output shape states"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        written = {tensor for node in graph.nodes for tensor in node.outputs}
        changes = 0
        for node in graph.nodes:
            arguments = len(node.inputs), len(node.outputs)
            if node.op == "RESHAPE" and arguments == (2, 1) and node.inputs[1] in written:
                data, made = graph.tensors[node.inputs[0]], graph.tensors[node.outputs[0]]
                if node.inputs[0] != ABSENT and data.elements == made.elements:
                    node.inputs = node.inputs[:1]
                    node.options = {**node.options, "new_shape": list(made.shape)}
                    changes += 1
        return changes


PASS = FixReshape()

"""What can be computed at export is."""

from __future__ import annotations

from edgekit.compiler.folding import evaluate
from edgekit.compiler.graph import Graph
from edgekit.compiler.ops.base import Target, operators
from edgekit.compiler.passes.base import Pass


class FoldConstants(Pass):
    """Drops nodes that depend on constants and fixed shapes alone; their outputs become constants.

    With a batch that is fixed, the chains of SHAPE, STRIDED_SLICE, MUL and PACK that converters emit
    for a free one are such.
    """

    order = 20
    summary = "computes what depends on constants and fixed shapes alone"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        known = operators().by_name
        kept = []
        for node in graph.nodes:  # in execution order, so that one walk folds whole chains
            values = evaluate(graph.view(node), known)
            if values is None or any(graph.tensors[i].variable for i in node.outputs):
                kept.append(node)
                continue
            for i, value in zip(node.outputs, values, strict=True):
                graph.tensors[i].data = value
        changes = len(graph.nodes) - len(kept)
        graph.nodes = kept
        return changes


PASS = FoldConstants()

"""PAD in front of a convolution is the convolution's own padding."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from edgekit.compiler.graph import Graph, NodeView
from edgekit.compiler.ops.base import Target, operators
from edgekit.compiler.ops.common import filters, geometry
from edgekit.compiler.passes.base import Pass


class FoldPad(Pass):
    """Lets a convolution with VALID padding read what was padded for it alone, with SAME padding.

    Only where SAME pads as much in front and gives as many outputs, and where what is padded is the
    quantised 0, which adds nothing to a sum: then every window covers the same elements.
    """

    order = 40
    summary = "folds PAD into the convolution that reads it, where SAME padding does the same"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        known = operators().by_name
        readers = Counter([*graph.outputs, *(i for node in graph.nodes for i in node.inputs)])
        pads = {node.outputs[0]: node for node in graph.nodes if node.op in ("PAD", "PADV2") and node.outputs}
        folded = set()
        for node in graph.nodes:
            reads = node.op in ("CONV_2D", "DEPTHWISE_CONV_2D") and bool(node.inputs)
            pad = pads.get(node.inputs[0]) if reads else None
            if pad is None or readers[node.inputs[0]] != 1:
                continue
            views = graph.view(pad), graph.view(node)
            sound = not any(problem for view in views for problem in known[view.node.op].check(view))
            if sound and _same(*views):
                node.inputs[0] = pad.inputs[0]
                node.options["padding"] = geometry.SAME
                folded.add(pad.outputs[0])
        graph.nodes = [node for node in graph.nodes if not folded.intersection(node.outputs)]
        return len(folded)


def _same(pad: NodeView, convolution: NodeView) -> bool:
    """Says whether a checked convolution with SAME padding computes the same without a checked pad."""
    data, padded, paddings = pad.input(0), pad.output(), pad.input(1).data
    if paddings is None or data.constant or convolution.options["padding"] != geometry.VALID:
        return False
    zero = pad.optional(2)  # of PADV2
    filled = zero is None or (zero.data is not None and (zero.data == padded.q.zero_point).all())
    same = (data.q.scale, data.q.zero_point) == (padded.q.scale, padded.q.zero_point)
    if not (filled and same) or paddings[[0, 3]].any():
        return False
    for axis, valid in enumerate(filters.windows(convolution), start=1):
        own = replace(valid, size=data.shape[axis], padding=geometry.SAME)
        if (own.before, own.outputs) != (paddings[axis][0], valid.outputs):
            return False
    return True


PASS = FoldPad()

"""A clamp behind an operator that can clamp is that operator's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgekit.compiler import rewriting
from edgekit.compiler.graph import Graph, Node
from edgekit.compiler.ops.base import KernelCall, Operator, Target, operators
from edgekit.compiler.ops.common import activation
from edgekit.compiler.passes.base import Pass
from edgekit.compiler.pointwise import INPUTS, evaluate

_CLAMPS = ("RELU", "RELU_N1_TO_1", "RELU6")
_PRODUCERS = (
    *("CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV", "FULLY_CONNECTED"),
    *("ADD", "SUB", "MUL", "AVERAGE_POOL_2D", "MAX_POOL_2D"),
)
_OPTION = "fused_activation_function"
_ACTIVATIONS = range(4)  # NONE, RELU, RELU_N1_TO_1, RELU6


class FuseActivations(Pass):
    """Fuses RELU, RELU6 and RELU_N1_TO_1 into what writes their input, for them alone.

    Only where both tensors have one scale and zero point, and where for each of the 256 values that the
    operator can give, its fused activation gives what the separate one gave.
    """

    order = 50
    summary = "fuses RELU, RELU6 and RELU_N1_TO_1 into the operator before, where this is exact"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        uses, writers = rewriting.uses(graph), rewriting.writers(graph)
        known = operators().by_name
        fused: set[int] = set()
        for node in graph.nodes:
            writer = writers.get(node.inputs[0]) if node.op in _CLAMPS and node.inputs else None
            if writer is None or writer.op not in _PRODUCERS or uses[node.inputs[0]] != 1:
                continue
            number = _fusible(graph, node, writer, known, target)
            if number is not None:
                writer.options = {**writer.options, _OPTION: number}
                writer.outputs = list(node.outputs)
                writers[node.outputs[0]] = writer
                fused.add(id(node))
        graph.nodes = [node for node in graph.nodes if id(node) not in fused]
        return len(fused)


def _fusible(
    graph: Graph, node: Node, writer: Node, known: Mapping[str, Operator], target: Target
) -> int | None:
    """Returns the activation that the writer would have; None where none does the same."""
    clamp, view = graph.view(node), graph.view(writer)
    if _OPTION not in writer.options or not all(rewriting.sound(v, known) for v in (clamp, view)):
        return None
    made, output = view.output(), clamp.output()
    if made.shape != output.shape or not rewriting.same_quantization(made, output):
        return None
    call = known[node.op].lower(clamp, target)
    assert isinstance(call, KernelCall)
    given = np.clip(INPUTS, *activation.clamp(made, writer.options[_OPTION]))
    wanted = evaluate(call, {made.index: given})
    for number in _ACTIVATIONS:
        if wanted is not None and np.array_equal(wanted, np.clip(INPUTS, *activation.clamp(made, number))):
            return number
    return None


PASS = FuseActivations()

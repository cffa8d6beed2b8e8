"""What only moves float32 elements that were int8 before moves the int8 elements."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgekit.compiler import rewriting
from edgekit.compiler.graph import Graph, Node, Tensor
from edgekit.compiler.ops.base import Operator, Target, operators
from edgekit.compiler.ops.common.movement import Movement
from edgekit.compiler.ops.common.same_bytes import SameBytes
from edgekit.compiler.passes.base import Pass

_SPLITS = ("SPLIT", "SPLIT_V", "UNPACK")


class MoveIntegers(Pass):
    """Puts DEQUANTIZE behind the SPLIT, TRANSPOSE or RESHAPE that reads it.

    Converters dequantise around a SPLIT whose parts get scales of their own, as in recurrent layers. Behind
    it, DEQUANTIZE and QUANTIZE meet, and `fuse-tables` makes one table of them.
    """

    order = 55
    summary = "moves int8 elements rather than the float32 ones that they become"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        known, writers = operators().by_name, rewriting.writers(graph)
        free = 1 + max((node.index for node in graph.nodes), default=0)
        nodes, changes = [], 0
        for node in graph.nodes:
            nodes.append(node)
            position = _moved(graph, node, known)
            before = None if position is None else writers.get(node.inputs[position])
            if position is None or before is None or before.op != "DEQUANTIZE":
                continue
            view = graph.view(before)
            if not rewriting.sound(view, known) or view.input(0).dtype != np.int8 or view.input(0).variable:
                continue
            for place, real in enumerate(graph.view(node).outputs):
                made = _like(graph, real, view.input(0))
                node.outputs[place] = made
                nodes.append(Node(free, "DEQUANTIZE", [made], [real.index], dict(before.options)))
                writers[real.index], free = nodes[-1], free + 1
            node.inputs[position] = before.inputs[0]
            changes += 1
        graph.nodes = nodes
        return changes


def _moved(graph: Graph, node: Node, known: Mapping[str, Operator]) -> int | None:
    """Returns the position of the float32 input of a node that moves nothing but its elements."""
    operator, view = known.get(node.op), graph.view(node)
    if not (isinstance(operator, (Movement, SameBytes)) or node.op in _SPLITS):
        return None
    if not rewriting.sound(view, known) or any(tensor.dtype != np.float32 for tensor in view.outputs):
        return None
    moving = [i for i, tensor in enumerate(view.inputs) if tensor is not None and not tensor.constant]
    return moving[0] if len(moving) == 1 else None


def _like(graph: Graph, real: Tensor, data: Tensor) -> int:
    """Adds a tensor of one's shape and another's type, and returns its number."""
    index = len(graph.tensors)
    graph.tensors.append(Tensor(index, real.name, real.shape, data.dtype, data.quantization))
    return index


PASS = MoveIntegers()

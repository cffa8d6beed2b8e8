"""Reshapes and transpositions that can be one, or none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from edgekit.compiler import rewriting
from edgekit.compiler.graph import ABSENT, Graph, Node, Tensor
from edgekit.compiler.ops.base import Alias, Operator, Target, operators
from edgekit.compiler.ops.common.movement import Movement
from edgekit.compiler.ops.common.same_bytes import SameBytes
from edgekit.compiler.passes.base import Pass

_PARTS = ("SPLIT", "SPLIT_V", "CONCATENATION", "PACK", "UNPACK")


class MergeMoves(Pass):
    """Merges chains of RESHAPE and its kin, and of TRANSPOSE, into one node each.

    A TRANSPOSE that only moves axes of extent 1, a SPLIT or CONCATENATION of one part, and whatever else
    leaves every byte where it is, is a RESHAPE. What ends where it began is dropped by `drop-still`.
    """

    order = 25
    summary = "merges chains of reshapes and of transpositions; makes reshapes of what moves no byte"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        uses, writers = rewriting.uses(graph), rewriting.writers(graph)
        known = operators().by_name
        changes = 0
        for node in graph.nodes:
            data = node.inputs[0] if node.inputs else ABSENT
            changes += _reshaped(graph, node, known, target)
            changes += _merged(graph, node, known, writers.get(data), uses[data])
        return changes


def _reshaped(graph: Graph, node: Node, known: Mapping[str, Operator], target: Target) -> bool:
    """Makes a RESHAPE of what leaves the bytes as they are."""
    operator, view = known.get(node.op), graph.view(node)
    if not (isinstance(operator, Movement) or node.op in _PARTS) or not rewriting.sound(view, known):
        return False
    if isinstance(operator, Movement):
        lowered = operator.lower(view, target)
        data = [lowered.input] if isinstance(lowered, Alias) else []
    else:
        data = [tensor.index for tensor in view.inputs if tensor is not None and not tensor.constant]
    if len(data) != 1 or len(node.outputs) != 1:
        return False
    if graph.tensors[data[0]].elements != view.output().elements:
        return False
    _become_reshape(graph, node, data[0])
    return True


def _become_reshape(graph: Graph, node: Node, data: int) -> None:
    shape = graph.view(node).output().shape
    node.op, node.inputs, node.options = "RESHAPE", [data], {"new_shape": list(shape)}


def _merged(graph: Graph, node: Node, known: Mapping[str, Operator], before: Node | None, uses: int) -> bool:
    """Lets a node read what the node before it reads, where one can do the work of both."""
    if before is None or not before.inputs:
        return False
    views = graph.view(before), graph.view(node)
    ops = [view.node.op for view in views]
    shapes = all(isinstance(known.get(op), SameBytes) for op in ops)
    orders = ops == ["TRANSPOSE", "TRANSPOSE"] and uses == 1
    if not (shapes or orders) or not all(rewriting.sound(view, known) for view in views):
        return False
    if shapes:
        _become_reshape(graph, node, before.inputs[0])
        return True
    first, second = (view.input(1).data for view in views)
    assert first is not None and second is not None
    order = (first.reshape(-1) % first.size)[second.reshape(-1)].astype(np.int32)
    index = len(graph.tensors)
    graph.tensors.append(Tensor(index, f"{views[1].name}/order", order.shape, order.dtype, data=order))
    node.inputs = [before.inputs[0], index]
    return True


PASS = MergeMoves()

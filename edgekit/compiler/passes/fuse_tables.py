"""Chains and small graphs of elementwise operators over one tensor are one table."""

from __future__ import annotations

from collections import Counter

import numpy as np

from edgekit.compiler import rewriting
from edgekit.compiler.graph import Graph, Node, NodeView, Tensor
from edgekit.compiler.ops.base import Alias, KernelCall, Target, operators
from edgekit.compiler.ops.common.same_bytes import SameBytes
from edgekit.compiler.passes.base import Pass
from edgekit.compiler.pointwise import INPUTS, Values, evaluate

_WORTH = 256  # elements from which on a single operator with a constant is made a table of as many bytes


class FuseTables(Pass):
    """Makes one TABLE of elementwise operators whose result depends on a single int8 tensor.

    RELU6(x + 3) * x is such a graph, and QUANTIZE behind LOGISTIC a chain. The 256 entries are composed of
    what each operator computes for every value, so they are exact by construction. Only results that nothing
    else reads are skipped over, so nothing is computed twice and no tensor lives longer than another of
    its size did. A table that changes nothing goes altogether.
    """

    order = 60
    summary = "makes one table of elementwise operators over one int8 tensor"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        work = _Fusion(graph, target)
        return sum(work.fuse(node) for node in graph.nodes[::-1])


class _Fusion:
    def __init__(self, graph: Graph, target: Target) -> None:
        self.graph, self.target = graph, target
        self.known = operators().by_name
        self.uses, self.writers = rewriting.uses(graph), rewriting.writers(graph)
        self.position = {id(node): position for position, node in enumerate(graph.nodes)}
        self.calls: dict[int, KernelCall | Alias | None] = {}

    def fuse(self, node: Node) -> bool:
        """Makes a table of a node and of what leads to it alone; says whether it could."""
        if id(node) not in self.position or not isinstance(self._call(node), KernelCall):
            return False
        found = self._cone(node)
        if found is None:
            return False
        root, cone = found
        values = self._values(root, cone)
        if not self._worth(node, cone, values):
            return False
        for inner in cone:
            self.uses.subtract(inner.inputs)
            if inner is not node:
                del self.position[id(inner)]
        node.op, node.inputs, node.options = "TABLE", [root], {"table": values.astype(np.int8)}
        self.uses[root] += 1
        self.calls.pop(id(node))
        self.graph.nodes = [one for one in self.graph.nodes if id(one) in self.position]
        if np.array_equal(values, INPUTS):
            self._skip(node)
        return True

    def _cone(self, node: Node) -> tuple[int, list[Node]] | None:
        """Returns the farthest tensor that a node is a function of, and the nodes between, in order."""
        cone, best = [node], None
        frontier = Counter(self._operands(node))
        while frontier:
            if len(frontier) == 1:
                root = next(iter(frontier))
                data = self.graph.tensors[root]
                if data.dtype == np.int8 and not data.variable:
                    best = root, cone[::-1]
            ends = [(self.position[id(self.writers[i])], i) for i in frontier if i in self.writers]
            if not ends:
                return best
            _, last = max(ends)  # whatever else is a function of it has been gone through
            writer = self.writers[last]
            if frontier.pop(last) != self.uses[last] or self._call(writer) is None:
                return best
            cone.append(writer)
            frontier.update(self._operands(writer))
        return best

    def _operands(self, node: Node) -> list[int]:
        call = self._call(node)
        assert call is not None
        return [call.input] if isinstance(call, Alias) else list(call.inputs)

    def _values(self, root: int, cone: list[Node]) -> Values:
        """Returns what the last node gives for each value of the root."""
        values = {root: INPUTS}
        for node in cone:
            call = self._call(node)
            assert call is not None
            made = values[call.input] if isinstance(call, Alias) else evaluate(call, values)
            assert made is not None
            values[node.outputs[0]] = made
        return values[cone[-1].outputs[0]]

    def _call(self, node: Node) -> KernelCall | Alias | None:
        """Returns what an elementwise node lowers to; None where it is not elementwise."""
        if id(node) not in self.calls:
            self.calls[id(node)] = self._lowered(node)
        return self.calls[id(node)]

    def _lowered(self, node: Node) -> KernelCall | Alias | None:
        view, operator = self.graph.view(node), self.known.get(node.op)
        if operator is None or len(node.outputs) != 1:
            return None
        if isinstance(operator, SameBytes):
            return Alias(node.inputs[0], node.outputs[0]) if rewriting.sound(view, self.known) else None
        if not all(_fits(tensor, view) for tensor in view.inputs) or not rewriting.sound(view, self.known):
            return None
        call = operator.lower(view, self.target)
        if not isinstance(call, KernelCall) or not call.inputs:
            return None
        return call if evaluate(call, dict.fromkeys(call.inputs, INPUTS)) is not None else None

    def _worth(self, node: Node, cone: list[Node], values: Values) -> bool:
        calls = [call for call in map(self._call, cone) if isinstance(call, KernelCall)]
        if len(calls) > 1:
            return True
        if calls[0].kernel == "ek_table_s8":
            return node.op != "TABLE" and np.array_equal(values, INPUTS)
        return self.graph.view(node).output().elements >= _WORTH

    def _skip(self, node: Node) -> None:
        """Lets the readers of a table that changes nothing read its input, where both are of one kind."""
        data, output = node.inputs[0], node.outputs[0]
        first, second = (self.graph.tensors[i] for i in (data, output))
        if (
            output in self.graph.outputs
            or first.shape != second.shape
            or not rewriting.same_quantization(first, second)
        ):
            return
        for reader in self.graph.nodes:
            reader.inputs = [data if i == output else i for i in reader.inputs]
        self.calls.clear()  # they name the output
        self.uses[data] += self.uses.pop(output) - 1
        del self.position[id(node)]
        self.graph.nodes.remove(node)


def _fits(tensor: Tensor | None, view: NodeView) -> bool:
    """Says whether an input may be one of an elementwise operator that a table can replace."""
    if tensor is None or tensor.variable or tensor.dtype != np.int8:
        return False
    if tensor.data is not None:
        return tensor.data.size > 0 and bool((tensor.data == tensor.data.flat[0]).all())
    output = view.output()
    return output.dtype == np.int8 and (tensor.shape == output.shape or view.node.op == "TABLE")


PASS = FuseTables()

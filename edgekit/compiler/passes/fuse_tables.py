"""Chains and small graphs of elementwise operators over one tensor are one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from edgekit.compiler import floats, rewriting
from edgekit.compiler.graph import ABSENT, Graph, Node, NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Target, operators
from edgekit.compiler.ops.common.same_bytes import SameBytes
from edgekit.compiler.passes.base import Pass
from edgekit.compiler.pointwise import INPUTS, Values, evaluate

_WORTH = 256  # elements from which on a single operator with a constant is made a table of as many bytes


class FuseTables(Pass):
    """Makes one TABLE of elementwise operators whose result depends on a single int8 tensor.

    RELU6(x + 3) * x is such a graph, and QUANTIZE behind LOGISTIC a chain. The 256 entries are composed of
    what each operator computes for every value, so they are exact by construction. Only results that nothing
    else reads are skipped over, so nothing is computed twice and no tensor lives longer than another of
    its size did. Between a DEQUANTIZE and a QUANTIZE, operators may be of float32 (what converters leave
    where they cannot quantise), if each is one correctly rounded operation. A table that changes nothing goes
    altogether.
    """

    order = 60
    summary = "makes one table of elementwise operators over one int8 tensor"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        work = _Fusion(graph, target)
        return sum(work.fuse(node) for node in graph.nodes[::-1])


@dataclass(frozen=True, slots=True)
class _Function:
    """What an elementwise node computes.

    Args:
        reads: The tensors that it works on.
        apply: Returns the output's values for those of the tensors; None where there is no such function.
        kernel: That would be called; "" where the bytes stay as they are, or where the node is of float32.
        moves: Whether the bytes stay as they are.
    """

    reads: tuple[int, ...]
    apply: Callable[[Mapping[int, Any]], Any]
    kernel: str = ""
    moves: bool = False


class _Fusion:
    def __init__(self, graph: Graph, target: Target) -> None:
        self.graph, self.target = graph, target
        self.known = operators().by_name
        self.uses, self.writers = rewriting.uses(graph), rewriting.writers(graph)
        self.position = {id(node): position for position, node in enumerate(graph.nodes)}
        self.functions: dict[int, _Function | None] = {}

    def fuse(self, node: Node) -> bool:
        """Makes a table of a node and of what leads to it alone; says whether it could."""
        function = self._function(node) if id(node) in self.position else None
        if function is None or function.moves or self.graph.view(node).output().dtype != np.int8:
            return False
        found = self._cone(node)
        if found is None:
            return False
        root, cone = found
        values = self._values(root, cone)
        if values is None or not self._worth(node, cone, values):
            return False
        for inner in cone:
            self.uses.subtract(inner.inputs)
            if inner is not node:
                del self.position[id(inner)]
        node.op, node.inputs, node.options = "TABLE", [root], {"table": values.astype(np.int8)}
        self.uses[root] += 1
        self.functions.pop(id(node))
        self.graph.nodes = [one for one in self.graph.nodes if id(one) in self.position]
        if np.array_equal(values, INPUTS):
            self._skip(node)
        return True

    def _cone(self, node: Node) -> tuple[int, list[Node]] | None:
        """Returns the farthest tensor that a node is a function of, and the nodes between, in order."""
        cone, best = [node], None
        frontier = Counter(self._reads(node))
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
            if frontier.pop(last) != self.uses[last] or self._function(writer) is None:
                return best
            cone.append(writer)
            frontier.update(self._reads(writer))
        return best

    def _reads(self, node: Node) -> tuple[int, ...]:
        function = self._function(node)
        assert function is not None
        return function.reads

    def _values(self, root: int, cone: list[Node]) -> Values | None:
        """Returns what the last node gives for each value of the root; None where that is not finite."""
        values: dict[int, Any] = {root: INPUTS}
        for node in cone:
            function = self._function(node)
            assert function is not None
            made = function.apply(values)
            if made is None or not np.isfinite(made).all():
                return None
            values[node.outputs[0]] = made
        made = values[cone[-1].outputs[0]]
        return np.asarray(made, np.int64)

    def _function(self, node: Node) -> _Function | None:
        """Returns what an elementwise node computes; None where it is not elementwise."""
        if id(node) not in self.functions:
            self.functions[id(node)] = self._made(node)
        return self.functions[id(node)]

    def _made(self, node: Node) -> _Function | None:
        view, operator = self.graph.view(node), self.known.get(node.op)
        if operator is None or len(node.outputs) != 1:
            return None
        if isinstance(operator, SameBytes):
            data = node.inputs[0] if rewriting.sound(view, self.known) else ABSENT
            return None if data == ABSENT else _Function((data,), lambda values: values[data], moves=True)
        if any(tensor.dtype == np.float32 for tensor in (*view.inputs, *view.outputs) if tensor):
            return _of_float(view, rewriting.sound(view, self.known))
        if not all(_fits(tensor, view) for tensor in view.inputs) or not rewriting.sound(view, self.known):
            return None
        call = operator.lower(view, self.target)
        if not isinstance(call, KernelCall) or not call.inputs:
            return None
        if evaluate(call, dict.fromkeys(call.inputs, INPUTS)) is None:
            return None
        return _Function(call.inputs, lambda values: evaluate(call, values), call.kernel)

    def _worth(self, node: Node, cone: list[Node], values: Values) -> bool:
        functions = [f for f in map(self._function, cone) if f is not None and not f.moves]
        if len(functions) > 1:
            return True
        if functions[0].kernel == "ek_table_s8":
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
        self.functions.clear()  # they name the output
        self.uses[data] += self.uses.pop(output) - 1
        del self.position[id(node)]
        self.graph.nodes.remove(node)


def _of_float(view: NodeView, sound: bool) -> _Function | None:
    """Returns what a node between int8 and float32, or of float32, computes."""
    data, output = view.inputs[0] if view.inputs else None, view.output()
    if view.node.op in ("DEQUANTIZE", "QUANTIZE"):
        if not sound or data is None or np.int8 not in (data.dtype, output.dtype):
            return None
        q = data.q if view.node.op == "DEQUANTIZE" else output.q
        convert = floats.dequantized if view.node.op == "DEQUANTIZE" else floats.quantized
        return _Function((data.index,), lambda values: convert(values[data.index], q))
    reads = floats.reads(view)
    return _Function(tuple(reads), lambda values: floats.evaluate(view, values)) if reads else None


def _fits(tensor: Tensor | None, view: NodeView) -> bool:
    """Says whether an input may be one of an elementwise operator that a table can replace."""
    if tensor is None or tensor.variable or tensor.dtype != np.int8:
        return False
    if tensor.data is not None:
        return tensor.data.size > 0 and bool((tensor.data == tensor.data.flat[0]).all())
    output = view.output()
    return output.dtype == np.int8 and (tensor.shape == output.shape or view.node.op == "TABLE")


PASS = FuseTables()

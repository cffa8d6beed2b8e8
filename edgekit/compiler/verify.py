"""Structural soundness of a graph: checked after reading and after every pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from edgekit.compiler.graph import ABSENT, Graph, Node, Tensor
from edgekit.errors import EnvironmentFailed, Problem

MAX_RANK = 8
MAX_TENSOR_BYTES = 1 << 30


def verify(graph: Graph) -> list[Problem]:
    """Returns every structural fault of `graph`.

    Sound means: tensor numbers are in range; every tensor is written once, before it is read, and
    is not at the same time a constant or a graph input; shapes are positive and bounded; constants
    have as many elements as their shape says.
    """
    return list(_faults(graph))


def require_sound(graph: Graph, after: str) -> None:
    """Stops when `graph` is unsound, which is then a fault of edgekit.

    Args:
        graph: What to verify.
        after: The step that made it, for the message.

    Raises:
        EnvironmentFailed: With every fault.
    """
    problems = verify(graph)
    if problems:
        raise EnvironmentFailed(
            Problem(f"after '{after}': {p.where}", p.what, p.expected, p.found, "this is a fault of edgekit")
            for p in problems
        )


def _faults(graph: Graph) -> Iterator[Problem]:
    valued = {
        *graph.inputs,
        *graph.outputs,
        *(i for node in graph.nodes for i in (*node.inputs, *node.outputs)),
    }
    empty = {i for node in graph.nodes for i in node.intermediates} - valued
    for i, tensor in enumerate(graph.tensors):
        if tensor.index != i:
            yield Problem(f"tensor {i}", "its number is not its place", found=str(tensor.index))
        yield from _tensor_faults(tensor, 0 if i in empty else 1)
    lists = [("the graph's inputs", graph.inputs, False), ("the graph's outputs", graph.outputs, False)]
    for node in graph.nodes:
        lists.append((f"{_place(graph, node)}: inputs", node.inputs, True))
        lists.append((f"{_place(graph, node)}: outputs", node.outputs, False))
        lists.append((f"{_place(graph, node)}: intermediates", node.intermediates, True))
    broken = [problem for entry in lists for problem in _range_faults(graph, *entry)]
    yield from broken
    if not broken:  # from here on every number leads to a tensor
        yield from _order_faults(graph)


def _tensor_faults(tensor: Tensor, least: int) -> Iterator[Problem]:
    where = f"tensor {tensor.index} '{tensor.name[:80]}'"
    if len(tensor.shape) > MAX_RANK:
        yield Problem(where, "has too many dimensions", f"at most {MAX_RANK}", str(len(tensor.shape)))
    elif min(tensor.shape, default=1) < least:
        yield Problem(
            where,
            f"its shape has an extent below {least}",
            found=str(list(tensor.shape)),
            hint="convert the model with a fixed batch of 1 and fixed input shapes",
        )
    elif tensor.nbytes > MAX_TENSOR_BYTES:
        yield Problem(where, "is too large", f"at most {MAX_TENSOR_BYTES} bytes", str(list(tensor.shape)))
    elif tensor.data is not None and tensor.data.shape != tensor.shape:
        yield Problem(where, "its data do not have its shape", str(tensor.shape), str(tensor.data.shape))


def _range_faults(graph: Graph, where: str, indices: Iterable[int], optional: bool) -> Iterator[Problem]:
    count = len(graph.tensors)
    for i in indices:
        if not (0 <= i < count or (optional and i == ABSENT)):
            yield Problem(where, "refers to a tensor that is missing", f"a number below {count}", str(i))


def _order_faults(graph: Graph) -> Iterator[Problem]:
    ready = {t.index for t in graph.tensors if t.constant or t.variable}
    for i in graph.inputs:
        if graph.tensors[i].constant:
            yield Problem(f"tensor {i}", "is a constant and an input of the graph")
    ready.update(graph.inputs)
    writers: dict[int, Node] = {}
    for node in graph.nodes:
        for i in node.inputs:
            if i != ABSENT and i not in ready:
                yield Problem(
                    _place(graph, node),
                    f"reads tensor {i} '{graph.tensors[i].name[:80]}', which nothing has written before",
                    hint="the graph has a cycle, or its operators are not in execution order",
                )
        for i in node.outputs:
            if i in writers:
                yield Problem(_place(graph, node), f"writes tensor {i}, as operator {writers[i].index} does")
            elif graph.tensors[i].constant or i in graph.inputs:
                kind = "a constant" if graph.tensors[i].constant else "an input of the graph"
                yield Problem(_place(graph, node), f"writes tensor {i}, which is {kind}")
            writers[i] = node
        ready.update(node.outputs)
    for i in graph.outputs:
        if i not in ready:
            yield Problem(f"tensor {i}", "is an output of the graph, but nothing writes it")


def _place(graph: Graph, node: Node) -> str:
    named = [graph.tensors[i].name for i in node.outputs[:1] if 0 <= i < len(graph.tensors)]
    return f"{node.index}: {node.op}" + (f" '{named[0][:80]}'" if named else "")

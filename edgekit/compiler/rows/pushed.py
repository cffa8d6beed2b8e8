"""An input that never lies in memory whole: the caller pushes its rows into the first group's window."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edgekit.compiler.graph import Graph, Node
from edgekit.compiler.ops.base import Alias, KernelCall, Operators, Target
from edgekit.compiler.rows.model import Stage
from edgekit.compiler.rows.stages import axis_of
from edgekit.errors import InputError


@dataclass(frozen=True, slots=True)
class Pushed:
    """The rows that the caller pushes.

    Args:
        tensor: What the first group reads: the graph's input, or that input under another shape.
        rows: How many there are.
        row_elements: Elements of one.
    """

    tensor: int
    rows: int
    row_elements: int


def push_input(graph: Graph, known: Operators, target: Target) -> tuple[Graph, Pushed]:
    """Returns a graph without its input, and the rows that take its place.

    Args:
        graph: A checked graph.
        known: The operators.
        target: Core and features.

    Raises:
        InputError: The input cannot be pushed by rows.
    """
    if len(graph.inputs) != 1:
        raise refused(f"the model has {len(graph.inputs)} inputs", "exactly one")
    states = [node for node in graph.nodes if known.by_name[node.op].keeps_state]
    if states:
        raise refused(
            f"{graph.view(states[0]).where} keeps state between invocations", "a model without state"
        )
    tensor, nodes = graph.inputs[0], list(graph.nodes)
    while True:
        readers = [node for node in nodes if tensor in node.inputs]
        if tensor in graph.outputs or not readers:
            raise refused("the input is an output as well, or nothing reads it", "an operator that reads it")
        lowered = known.by_name[readers[0].op].lower(graph.view(readers[0]), target)
        if len(readers) > 1 or not isinstance(lowered, Alias):
            break
        nodes.remove(readers[0])
        tensor = lowered.output
    axis, found = axis_of(graph, tensor), graph.tensors[tensor]
    if axis is None or not axis.fits(found.shape):
        raise refused(
            f"{graph.view(readers[0]).where} reads the shape {list(found.shape)}", "four dimensions, no batch"
        )
    rows = found.shape[axis.index]
    return replace(graph, inputs=[], nodes=nodes), Pushed(tensor, rows, found.elements // rows)


def source(pushed: Pushed) -> Stage:
    """Returns the stage that stands for the caller: it reads nothing and makes one row at a time."""
    node = Node(-1, "INPUT", [], [pushed.tensor])
    call = KernelCall(kernel="", params={}, inputs=(), outputs=(pushed.tensor,))
    return Stage(node, call, (), (), 1, pushed.rows)


def refused(found: str, expected: str) -> InputError:
    """Returns what says that an input cannot be pushed.

    Args:
        found: Why.
        expected: What would do.
    """
    return InputError(
        where="--push-rows",
        what="this model's input cannot be pushed by rows",
        expected=expected,
        found=found,
        hint="leave the option out: the input then lies in the arena whole",
    )

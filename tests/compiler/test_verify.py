"""A graph is sound when its numbers, order, shapes and constants are."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.graph import ABSENT, Graph, Node, Tensor
from edgekit.compiler.verify import require_sound, verify
from edgekit.errors import EnvironmentFailed


def _graph() -> Graph:
    names = ("x", "y", "z")
    tensors = [Tensor(i, name, (1, 4), np.dtype(np.int8)) for i, name in enumerate(names)]
    tensors.append(Tensor(3, "w", (2,), np.dtype(np.int8), data=np.zeros(2, np.int8)))
    nodes = [Node(0, "ADD", [0, 3, ABSENT], [1]), Node(1, "MUL", [1, 0], [2])]
    return Graph("main", tensors, nodes, [0], [2])


def test_a_sound_graph_has_no_fault() -> None:
    assert verify(_graph()) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda g: g.nodes.reverse(), "nothing has written before"),
        (lambda g: g.nodes[1].inputs.append(9), "refers to a tensor that is missing"),
        (lambda g: g.nodes[1].inputs.append(-2), "refers to a tensor that is missing"),
        (lambda g: g.outputs.append(ABSENT), "refers to a tensor that is missing"),
        (lambda g: g.nodes[1].outputs.append(1), "writes tensor 1, as operator 0 does"),
        (lambda g: g.nodes[1].outputs.append(0), "which is an input of the graph"),
        (lambda g: g.nodes[1].outputs.append(3), "which is a constant"),
        (lambda g: g.inputs.append(3), "is a constant and an input"),
        (lambda g: setattr(g.tensors[1], "shape", (1, 0)), "an extent below 1"),
        (lambda g: setattr(g.tensors[1], "shape", (-1, 4)), "an extent below 1"),
        (lambda g: setattr(g.tensors[1], "shape", (1 << 20, 1 << 20)), "is too large"),
        (lambda g: setattr(g.tensors[1], "shape", (1,) * 9), "too many dimensions"),
        (lambda g: setattr(g.tensors[3], "shape", (3,)), "its data do not have its shape"),
        (lambda g: setattr(g.tensors[3], "index", 2), "its number is not its place"),
        (lambda g: g.nodes.pop(), "nothing writes it"),
        (lambda g: g.nodes[0].inputs.append(2), "nothing has written before"),
    ],
)
def test_each_fault_is_named(change, expected: str) -> None:
    graph = _graph()
    change(graph)
    assert any(expected in problem.what for problem in verify(graph))


def test_a_fault_after_a_pass_is_edgekits_own() -> None:
    graph = _graph()
    graph.nodes.reverse()
    with pytest.raises(EnvironmentFailed, match="after 'some-pass'"):
        require_sound(graph, "some-pass")

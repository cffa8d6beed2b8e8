"""Resource variables: handles and their initialisation become tensors that keep their value.

Streaming models hold their state so: VAR_HANDLE names a variable, READ_VARIABLE and ASSIGN_VARIABLE
use it, and CALL_ONCE runs a subgraph that assigns what it holds at first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import ABSENT, Graph, Model, Node, Tensor
from edgekit.compiler.passes.base import copy
from edgekit.errors import Problem

_ACCESS = ("READ_VARIABLE", "ASSIGN_VARIABLE")
_Key = tuple[str, str]


def resolve(model: Model) -> tuple[Graph, list[Problem]]:
    """Returns the main graph with variables instead of handles, and what cannot be resolved.

    Args:
        model: As read; it is left as it is.
    """
    graph = copy(model.main)
    if not any(node.op in ("VAR_HANDLE", "CALL_ONCE") for node in graph.nodes):
        return graph, []
    work = _Resolver(model, graph)
    work.run()
    return graph, work.problems


def initial(tensor: Tensor) -> NDArray[Any]:
    """Returns what a variable holds after a reset, as both runtimes fill it."""
    if tensor.initial is not None:
        return tensor.initial
    point = tensor.quantization.zero_point if tensor.quantization and tensor.dtype == np.int8 else 0
    return np.full(tensor.shape, point, tensor.dtype)


@dataclass(slots=True)
class _Resolver:
    model: Model
    graph: Graph
    problems: list[Problem] = field(default_factory=list)
    variables: dict[_Key, int] = field(default_factory=dict)

    def run(self) -> None:
        handles = _handles(self.graph)
        values: dict[_Key, NDArray[Any]] = {}
        accessed = False
        kept = []
        for node in self.graph.nodes:
            if node.op == "CALL_ONCE":
                if accessed:
                    self._fault(self.graph, node, "runs after a variable has been used")
                values |= self._initialised(node)
            elif node.op in _ACCESS and node.inputs and node.inputs[0] in handles:
                accessed = True
                self._replace(node, handles[node.inputs[0]])
                kept.append(node)
            elif node.op != "VAR_HANDLE":
                kept.append(node)
        self.graph.nodes = kept
        for key, index in self.variables.items():
            tensor, value = self.graph.tensors[index], values.get(key)
            if value is not None and (value.dtype != tensor.dtype or value.size != tensor.elements):
                self.problems.append(
                    Problem(
                        f"variable '{tensor.name}'",
                        "its first value has another type or size",
                        f"{tensor.dtype.name} {list(tensor.shape)}",
                        f"{value.dtype.name} {list(value.shape)}",
                    )
                )
            elif value is not None:
                tensor.initial = value.reshape(tensor.shape)

    def _replace(self, node: Node, key: _Key) -> None:
        """Puts the variable in the place of its handle; its shape is that of its first use."""
        value = [*node.outputs, *node.inputs[1:]][:1]
        if value in ([], [ABSENT]):
            return  # the operator's own check says so
        if key not in self.variables:
            like = self.graph.tensors[value[0]]
            self.variables[key] = len(self.graph.tensors)
            self.graph.tensors.append(
                Tensor(
                    index=len(self.graph.tensors),
                    name="/".join(filter(None, key)) or "variable",
                    shape=like.shape,
                    dtype=like.dtype,
                    quantization=like.quantization,
                    variable=True,
                )
            )
        node.inputs[0] = self.variables[key]

    def _initialised(self, node: Node) -> dict[_Key, NDArray[Any]]:
        """Returns what the subgraph of a CALL_ONCE assigns."""
        number = node.options["init_subgraph_index"]
        if not 0 < number < len(self.model.graphs):
            self._fault(self.graph, node, f"runs subgraph {number}, which is missing")
            return {}
        graph = self.model.graphs[number]
        handles = _handles(graph)
        found = {}
        for inner in graph.nodes:
            if inner.op == "VAR_HANDLE":
                continue
            value = graph.tensors[inner.inputs[1]].data if len(inner.inputs) == 2 else None
            if inner.op != "ASSIGN_VARIABLE" or inner.inputs[0] not in handles or value is None:
                self._fault(graph, inner, "cannot be run at export; variables start from constants")
            else:
                found[handles[inner.inputs[0]]] = value
        return found

    def _fault(self, graph: Graph, node: Node, what: str) -> None:
        self.problems.append(Problem(f"{graph.name}: {graph.view(node).where}", what))


def _handles(graph: Graph) -> dict[int, _Key]:
    return {
        node.outputs[0]: (node.options["container"], node.options["shared_name"])
        for node in graph.nodes
        if node.op == "VAR_HANDLE" and node.outputs
    }

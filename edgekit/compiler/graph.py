"""The model as the compiler sees it: tensors, nodes and graphs, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.quant import Quantization

ABSENT = -1  # index of an optional input that is not there


@dataclass(slots=True)
class Tensor:
    """A value of the graph.

    Args:
        index: Its place in `Graph.tensors`.
        name: As the model file names it.
        shape: Extents; batch is 1 or fixed.
        dtype: NumPy type of the elements.
        quantization: Affine parameters, or None.
        data: The elements where the tensor is constant, else None.
        variable: Whether it keeps its value between invocations.
        initial: What a variable holds at first; None: its zero point where int8, else 0.
    """

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    quantization: Quantization | None = None
    data: NDArray[Any] | None = None
    variable: bool = False
    initial: NDArray[Any] | None = None

    @property
    def elements(self) -> int:
        """Number of elements."""
        count = 1
        for extent in self.shape:
            count *= extent
        return count

    @property
    def nbytes(self) -> int:
        """Size in bytes."""
        return self.elements * self.dtype.itemsize

    @property
    def constant(self) -> bool:
        """Whether the value is known at export."""
        return self.data is not None

    @property
    def q(self) -> Quantization:
        """The quantisation of a tensor that an operator's `check` found to have one."""
        if self.quantization is None:
            raise AssertionError(f"tensor {self.index} '{self.name}' has no quantisation")
        return self.quantization


@dataclass(slots=True)
class Node:
    """One operator.

    Args:
        index: Its number in the model file, for messages and the report.
        op: Builtin name, e.g. "CONV_2D".
        inputs: Tensor indices; `ABSENT` where an optional one is missing.
        outputs: Tensor indices.
        options: The operator's own options by schema name, e.g. {"stride_w": 2}.
        intermediates: Indices of tensors that hold no value, but the quantisation of one within the operator.
    """

    index: int
    op: str
    inputs: list[int]
    outputs: list[int]
    options: dict[str, Any] = field(default_factory=dict)
    intermediates: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Graph:
    """One subgraph; nodes stand in execution order."""

    name: str
    tensors: list[Tensor]
    nodes: list[Node]
    inputs: list[int]
    outputs: list[int]

    def view(self, node: Node) -> NodeView:
        """Returns `node` with its tensors at hand."""
        return NodeView(self, node)


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node together with its graph, as an operator's functions take it."""

    graph: Graph
    node: Node

    @property
    def options(self) -> dict[str, Any]:
        """The operator's options."""
        return self.node.options

    @property
    def inputs(self) -> Sequence[Tensor | None]:
        """Input tensors in order; None where an optional one is absent."""
        return [None if i == ABSENT else self.graph.tensors[i] for i in self.node.inputs]

    @property
    def outputs(self) -> Sequence[Tensor]:
        """Output tensors in order."""
        return [self.graph.tensors[i] for i in self.node.outputs]

    def input(self, position: int) -> Tensor:
        """Returns a mandatory input."""
        found = self.optional(position)
        if found is None:
            raise AssertionError(f"{self.where}: input {position} is absent")
        return found

    def optional(self, position: int) -> Tensor | None:
        """Returns an input, or None where it is absent."""
        if position >= len(self.node.inputs) or self.node.inputs[position] == ABSENT:
            return None
        return self.graph.tensors[self.node.inputs[position]]

    def intermediate(self, position: int) -> Tensor | None:
        """Returns a tensor that describes a value within the operator, or None where it is absent."""
        given = self.node.intermediates
        known = position < len(given) and given[position] != ABSENT
        return self.graph.tensors[given[position]] if known else None

    def output(self, position: int = 0) -> Tensor:
        """Returns an output."""
        return self.graph.tensors[self.node.outputs[position]]

    @property
    def name(self) -> str:
        """Name of the first output, which is how a model file names a node.

        Converters join the names of fused layers with ';': the first tells the most.
        """
        return self.output().name.split(";")[0] if self.node.outputs else ""

    @property
    def where(self) -> str:
        """Place for messages: `3: CONV_2D 'block1/expand'`."""
        return f"{self.node.index}: {self.node.op} '{self.name}'"


@dataclass(slots=True)
class Model:
    """A model file: its graphs (the first is the main one) and the names of its borders."""

    name: str
    sha256: str
    size: int
    graphs: list[Graph]
    input_names: list[str]
    output_names: list[str]

    @property
    def main(self) -> Graph:
        """The graph that an invocation runs."""
        return self.graphs[0]

    @property
    def constants_bytes(self) -> int:
        """Bytes of all constant tensors, and four for each scale where they have one per channel."""
        constants = [t for graph in self.graphs for t in graph.tensors if t.data is not None]
        scales = sum(
            len(t.quantization.scales)
            for t in constants
            if t.quantization is not None and len(t.quantization.scales) > 1 and t.dtype.itemsize < 4
        )
        return sum(t.nbytes for t in constants) + 4 * scales

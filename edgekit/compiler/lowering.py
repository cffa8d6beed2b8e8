"""A graph whose nodes are kernel calls: what planners place and emitters write."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgekit.compiler.graph import Graph, Node
from edgekit.compiler.ops.base import Alias, KernelCall, Lowered


@dataclass(frozen=True, slots=True)
class Step:
    """One node and what it became.

    Args:
        node: As the passes left it; `node.index` is its number in the model file.
        lowered: One kernel call, or an alias.
    """

    node: Node
    lowered: Lowered

    @property
    def call(self) -> KernelCall | None:
        """The kernel call; None where the node costs no code."""
        return self.lowered if isinstance(self.lowered, KernelCall) else None


@dataclass(frozen=True, slots=True)
class Lowering:
    """A graph with its steps, in execution order.

    Args:
        graph: Tensors, and which are inputs and outputs.
        steps: One per node.
    """

    graph: Graph
    steps: tuple[Step, ...]
    _roots: dict[int, int] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for step in self.steps:
            if isinstance(step.lowered, Alias):
                self._roots[step.lowered.output] = self.root(step.lowered.input)

    def root(self, tensor: int) -> int:
        """Returns the tensor whose memory `tensor` shares through aliases; itself if none."""
        return self._roots.get(tensor, tensor)

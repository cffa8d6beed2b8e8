"""A graph whose nodes are kernel calls: what planners place and emitters write."""

from __future__ import annotations

from dataclasses import dataclass, field

from edgekit.compiler.graph import Graph, Node
from edgekit.compiler.ops.base import Alias, KernelCall, Lowered
from edgekit.compiler.rows.model import Group


@dataclass(frozen=True, slots=True)
class Step:
    """One node and what it became, or several that run together.

    Args:
        node: As the passes left it; `node.index` is its number in the model file. Of a group, the last.
        lowered: One kernel call, or an alias. Of a group, a call without a kernel that stands for all of it.
        feature: What the core must have for the call, e.g. "dsp"; "" where any core will do.
        group: The nodes that run together; None where it is one.
    """

    node: Node
    lowered: Lowered
    feature: str = ""
    group: Group | None = None

    @property
    def nodes(self) -> list[Node]:
        """All nodes of the step, in order."""
        return [stage.node for stage in self.group.nodes] if self.group else [self.node]

    @property
    def kernels(self) -> list[KernelCall]:
        """The calls of kernels that it makes, one per node."""
        if self.group:
            return [stage.call for stage in self.group.nodes]
        return [self.lowered] if isinstance(self.lowered, KernelCall) else []

    @property
    def features(self) -> set[str]:
        """What the core must have for all of it."""
        found = {stage.feature for stage in self.group.stages} if self.group else {self.feature}
        return found - {""}

    @property
    def call(self) -> KernelCall | None:
        """The kernel call, or what stands for a group's; None where the node costs no code."""
        return self.lowered if isinstance(self.lowered, KernelCall) else None


@dataclass(frozen=True, slots=True)
class Lowering:
    """A graph with its steps, in execution order.

    Args:
        graph: Tensors, and which are inputs and outputs.
        steps: One per node or group of nodes.
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

    @property
    def features(self) -> list[str]:
        """What the core must have, sorted."""
        return sorted({feature for step in self.steps for feature in step.features})

    @property
    def states(self) -> list[int]:
        """Tensors that keep their value between invocations, sorted."""
        return sorted({tensor for step in self.steps if step.call for tensor in step.call.states})

    def lifetimes(self) -> dict[int, tuple[int, int]]:
        """Returns the first and last step at which each root tensor holds a value, both included.

        Inputs of the graph begin at -1, before the first step; outputs end at `len(steps)`; states do both.
        """
        first = {self.root(i): -1 for i in self.graph.inputs}
        last = dict(first)
        for position, step in enumerate(self.steps):
            if step.call is not None:
                for tensor in map(self.root, step.call.inputs):
                    last[tensor] = position
                for tensor in step.call.outputs:
                    first[tensor] = last[tensor] = position
        for tensor in map(self.root, self.graph.outputs):
            last[tensor] = len(self.steps)
        for tensor in self.states:
            first[tensor], last[tensor] = -1, len(self.steps)
        return {tensor: (start, last[tensor]) for tensor, start in first.items()}

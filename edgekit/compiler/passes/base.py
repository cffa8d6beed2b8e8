"""The contract of a pass, and the flat list of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from edgekit.compiler.graph import Graph
from edgekit.compiler.verify import require_sound
from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.registry import Registry


class Pass(ABC):
    """One rewrite of a graph that keeps what it computes, bit for bit.

    Class attributes:
        order: Passes run in ascending order; ties by name.
        summary: What it does, for the list of passes.
    """

    order: ClassVar[int]
    summary: ClassVar[str]

    @abstractmethod
    def run(self, graph: Graph) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""


@dataclass(frozen=True, slots=True)
class PassResult:
    """What one pass did."""

    name: str
    changes: int


REGISTRY: Registry[Pass] = Registry(
    kind="compiler.passes",
    attribute="PASS",
    type=Pass,  # type: ignore[type-abstract]
)


def run_passes(graph: Graph, disabled: Iterable[str] = ()) -> tuple[Graph, tuple[PassResult, ...]]:
    """Runs every pass on a copy of `graph`, verifying it after each.

    Args:
        graph: A sound graph; it is left as it is.
        disabled: Names of passes to leave out.

    Returns:
        The rewritten graph, and what each pass did, in the order in which they ran.

    Raises:
        InputError: A name in `disabled` is no pass.
        EnvironmentFailed: A pass left the graph unsound.
    """
    off = set(disabled)
    unknown = sorted(off - set(REGISTRY.keys()))
    if unknown:
        raise InputError(
            Problem(name, "is no pass of the compiler", hint=did_you_mean(name, REGISTRY.keys()))
            for name in unknown
        )
    work = copy(graph)
    results = []
    for name, one in sorted(REGISTRY.all().items(), key=lambda entry: (entry[1].order, entry[0])):
        if name not in off:
            results.append(PassResult(name, one.run(work)))
            require_sound(work, name)
    return work, tuple(results)


def copy(graph: Graph) -> Graph:
    """Returns a graph whose lists, tensors and nodes can be changed without touching `graph`."""
    return Graph(
        name=graph.name,
        tensors=[replace(tensor) for tensor in graph.tensors],
        nodes=[
            replace(node, inputs=list(node.inputs), outputs=list(node.outputs), options=dict(node.options))
            for node in graph.nodes
        ],
        inputs=list(graph.inputs),
        outputs=list(graph.outputs),
    )

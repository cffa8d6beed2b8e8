"""The contract of a pass, and the flat list of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import ClassVar

from edgekit.compiler.graph import ABSENT, Graph
from edgekit.compiler.ops.base import Target, operators
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
    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed.

        Passes run before operators are checked: what a pass relies on, it checks itself. The profile of
        `target` says whose rounding counts.
        """


@dataclass(frozen=True, slots=True)
class Cost:
    """What a graph costs, as far as it can be said before it is lowered.

    Args:
        nodes: Operators.
        macs: Multiply-accumulates of one invocation; of nodes that cannot be compiled, none.
        weights_bytes: Constants that operators read.
        written_bytes: Results that operators write, each once.
    """

    nodes: int
    macs: int
    weights_bytes: int
    written_bytes: int


@dataclass(frozen=True, slots=True)
class PassResult:
    """What one pass did.

    Args:
        name: Of the pass.
        changes: Places that it changed.
        before, after: What the graph cost.
    """

    name: str
    changes: int
    before: Cost
    after: Cost

    @property
    def gain(self) -> dict[str, int]:
        """What the graph no longer costs, by field of `Cost`; negative where it costs more."""
        return {f.name: getattr(self.before, f.name) - getattr(self.after, f.name) for f in fields(Cost)}


REGISTRY: Registry[Pass] = Registry(
    kind="compiler.passes",
    attribute="PASS",
    type=Pass,  # type: ignore[type-abstract]
)


def run_passes(
    graph: Graph, target: Target, disabled: Iterable[str] = ()
) -> tuple[Graph, tuple[PassResult, ...]]:
    """Runs every pass on a copy of `graph`, verifying it after each.

    Args:
        graph: A sound graph; it is left as it is.
        target: What is compiled for.
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
    before = cost(work)
    for name, one in sorted(REGISTRY.all().items(), key=lambda entry: (entry[1].order, entry[0])):
        if name not in off:
            changes = one.run(work, target)
            require_sound(work, name)
            after = cost(work) if changes else before
            results.append(PassResult(name, changes, before, after))
            before = after
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


def cost(graph: Graph) -> Cost:
    """Returns what a sound graph costs."""
    known = operators().by_name
    macs = written = 0
    constants: set[int] = set()
    for node in graph.nodes:
        view, operator = graph.view(node), known.get(node.op)
        if operator is not None and not any(operator.check(view)):
            macs += operator.macs(view)
        constants.update(i for i in node.inputs if i != ABSENT and graph.tensors[i].constant)
        written += sum(tensor.nbytes for tensor in view.outputs)
    return Cost(len(graph.nodes), macs, sum(graph.tensors[i].nbytes for i in constants), written)

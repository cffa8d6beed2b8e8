"""The contract of a variant: another lowering of one operator, for cores with a certain feature."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.registry import Registry


class Variant(ABC):
    """A lowering of an operator that pays on some cores.

    Its kernel gives the same bytes as the operator's portable one. The same C file holds a portable
    twin that reads the same packed constants, so that the two can be compared on the host.

    Class attributes:
        op: Builtin name of the operator.
        feature: What the core must have, e.g. "dsp" or "mve".
        priority: Of several variants that take a node, the one with the highest is used.
    """

    op: ClassVar[str]
    feature: ClassVar[str]
    priority: ClassVar[int] = 0

    @abstractmethod
    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the kernel call that computes a checked node, or None where it does not pay or apply."""


REGISTRY: Registry[Variant] = Registry(
    kind="compiler.variants",
    attribute="VARIANT",
    type=Variant,  # type: ignore[type-abstract]
)


def variants(target: Target) -> dict[str, Sequence[Variant]]:
    """Returns the variants that `target` can run, by operator, best first."""
    usable = [variant for variant in REGISTRY.all().values() if variant.feature in target.features]
    usable.sort(key=lambda variant: -variant.priority)
    return {op: [v for v in usable if v.op == op] for op in {variant.op for variant in usable}}

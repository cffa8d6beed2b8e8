"""LOGICAL_OR."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import integers
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class LogicalOr(Operator):
    """a or b, with broadcasting."""

    name = "LOGICAL_OR"
    code = 84
    options_type = 60
    signatures = ("bool",)
    limits = "at most four separate axes of broadcasting"
    notes = "exact"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2) and checks.typed(node.input(0), "bool"):
            integers.check(checks)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_integer."""
        return integers.lowered(node, integers.OR)


OPERATOR = LogicalOr()

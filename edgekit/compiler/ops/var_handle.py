"""VAR_HANDLE."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.errors import Problem


class VarHandle(Operator):
    """A variable, by container and name.

    `edgekit.compiler.variables.resolve` replaces it before any node is checked.
    """

    name = "VAR_HANDLE"
    code = 142
    options_type = 111
    signatures = ("resource",)
    options = (Option("container", 0, "string", ""), Option("shared_name", 1, "string", ""))
    notes = "costs no code"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        yield Problem(node.where, "stands where variables cannot be resolved")

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Is never reached, since no such node passes its check."""
        raise AssertionError(node.where)


OPERATOR = VarHandle()

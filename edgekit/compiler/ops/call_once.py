"""CALL_ONCE."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.errors import Problem


class CallOnce(Operator):
    """Runs a subgraph at the first invocation.

    `edgekit.compiler.variables.resolve` replaces it before any node is checked.
    """

    name = "CALL_ONCE"
    code = 129
    options_type = 103
    signatures = ()
    options = (Option("init_subgraph_index", 0, "int32"),)
    notes = "costs no code"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        yield Problem(node.where, "stands where variables cannot be resolved")

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Is never reached, since no such node passes its check."""
        raise AssertionError(node.where)


OPERATOR = CallOnce()

"""ASSIGN_VARIABLE."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import variables
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class AssignVariable(Operator):
    """Gives a variable a new value, which the next invocation finds."""

    name = "ASSIGN_VARIABLE"
    code = 144
    options_type = 113
    signatures = ("int8", "int16", "int32", "float32")
    keeps_state = True
    limits = "the variable comes from a VAR_HANDLE of the main graph; its value is not constant"
    notes = "moves bytes"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2, outputs=0) and variables.check(checks, node.input(0), node.input(1)):
            checks.require(
                not (node.input(1).constant or node.input(1).variable),
                "what it assigns is a constant or a variable",
                hint="assign constants in the subgraph that CALL_ONCE runs",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_copy."""
        variable, value = node.input(0), node.input(1)
        return variables.copy(value.nbytes, (value.index,), (variable.index,), ())


OPERATOR = AssignVariable()

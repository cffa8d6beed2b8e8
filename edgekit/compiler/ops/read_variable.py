"""READ_VARIABLE."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import variables
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class ReadVariable(Operator):
    """The value of a variable."""

    name = "READ_VARIABLE"
    code = 143
    options_type = 112
    signatures = ("int8", "int16", "int32", "float32")
    keeps_state = True
    limits = "the variable comes from a VAR_HANDLE of the main graph"
    notes = "moves bytes; a variable that nothing initialised holds its zero point, as in TFLM"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1):
            variables.check(checks, node.input(0), node.output())
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_copy."""
        variable, output = node.input(0), node.output()
        return variables.copy(output.nbytes, (), (variable.index,), (output.index,))


OPERATOR = ReadVariable()

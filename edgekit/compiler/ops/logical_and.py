"""LOGICAL_AND."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Target
from edgekit.compiler.ops.common import binary
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class LogicalAnd(Operator):
    """a and b, with broadcasting."""

    name = "LOGICAL_AND"
    code = 86
    options_type = 62
    signatures = ("bool",)
    limits = "no constant operand; at most four separate axes of broadcasting"
    notes = "exact"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2):
            first, second, output = node.input(0), node.input(1), node.output()
            typed = [checks.typed(tensor, "bool") for tensor in (first, second, output)]
            for tensor in (first, second):
                checks.require(
                    not tensor.constant,
                    f"its operand '{tensor.name}' is constant",
                    hint="where all of it is true or false, leave the operator out",
                )
            if all(typed):
                binary.check_shapes(checks)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_logical_and."""
        inputs, output = (node.input(0), node.input(1)), node.output()
        return KernelCall(
            "ek_logical_and",
            {"walk": binary.walk(*inputs, output)},
            tuple(tensor.index for tensor in inputs),
            (output.index,),
            in_place=tuple((i, 0) for i, tensor in enumerate(inputs) if tensor.shape == output.shape),
        )


OPERATOR = LogicalAnd()

"""EQUAL, NOT_EQUAL, GREATER, GREATER_EQUAL, LESS, LESS_EQUAL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import binary, integers
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_PLAIN = ("int32",)
LESS, EQUAL, GREATER = 1, 2, 4  # bits of ek_compare_s8_params_t.accepted


class Comparison(Operator):
    """A relation between two tensors, with broadcasting.

    Class attributes:
        accepted: For which orders of the operands the result is true.
    """

    signatures = ("int8 -> bool", "int32 -> bool")
    limits = "scales below 1; at most four separate axes of broadcasting"
    notes = "operands are rounded twice to steps of 1/256, in both profiles"
    accepted: ClassVar[int]

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if integers.plain(node, *_PLAIN):
            integers.check(checks, "bool")
            return iter(checks.problems)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.input(1))
            and checks.typed(node.output(), "bool")
            and binary.check_shapes(checks)
        ):
            for tensor in (node.input(0), node.input(1)):
                checks.require(
                    2.0**-30 < tensor.q.scale < 1 - 2.0**-32,
                    f"the scale of '{tensor.name}' is out of range",
                    "1e-9 to 1",
                    f"{tensor.q.scale:g}",
                )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_compare_s8 or ek_compare_constant_s8."""
        if integers.plain(node, *_PLAIN):
            return integers.lowered(node, integers.COMPARE, self.accepted)
        multiplier1, shift1 = quantize_multiplier(node.input(0).q.scale)
        multiplier2, shift2 = quantize_multiplier(node.input(1).q.scale)
        return binary.lowered(
            node,
            "compare",
            {
                "zero_point1": node.input(0).q.zero_point,
                "zero_point2": node.input(1).q.zero_point,
                "multiplier1": multiplier1,
                "multiplier2": multiplier2,
                "shift1": shift1,
                "shift2": shift2,
                "accepted": self.accepted,
            },
        )

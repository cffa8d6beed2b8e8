"""SQUARED_DIFFERENCE."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import activation, binary
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_LEFT_SHIFT = 7  # of both operands before they are brought to a common scale


class SquaredDifference(Operator):
    """(a - b)^2 of two tensors, with broadcasting."""

    name = "SQUARED_DIFFERENCE"
    code = 99
    options_type = 76
    limits = "at most four separate axes of broadcasting"
    notes = "both operands and the square are rounded twice, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.input(1), node.output())
            and binary.check_shapes(checks)
        ):
            _, made = _scales(node)
            checks.require(
                2.0**-60 < made < 1,
                "its scales are out of proportion",
                "square of the greater input scale / output scale between 1e-15 and 4096",
                f"{made * 4096:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_squared_difference_s8 or ek_squared_difference_constant_s8."""
        common, made = _scales(node)
        multiplier1, shift1 = quantize_multiplier(node.input(0).q.scale / common)
        multiplier2, shift2 = quantize_multiplier(node.input(1).q.scale / common)
        output_multiplier, output_shift = quantize_multiplier(made)
        return binary.lowered(
            node,
            "squared_difference",
            {
                "zero_point1": node.input(0).q.zero_point,
                "zero_point2": node.input(1).q.zero_point,
                "multiplier1": multiplier1,
                "multiplier2": multiplier2,
                "shift1": shift1,
                "shift2": shift2,
                "output_multiplier": output_multiplier,
                "output_shift": output_shift,
                **activation.bounds(node.output(), 0),
            },
        )


def _scales(node: NodeView) -> tuple[float, float]:
    """Returns the common scale of both operands, and what their squared difference is multiplied by."""
    common = 2.0 * max(node.input(i).q.scale for i in (0, 1))
    return common, common * common / ((1 << 2 * _LEFT_SHIFT) * node.output().q.scale)


OPERATOR = SquaredDifference()

"""ADD."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, elementwise
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_LEFT_SHIFT = 20  # of both operands before they are brought to a common scale


class Add(Operator):
    """Sum of two tensors, with broadcasting."""

    name = "ADD"
    code = 0
    options_type = 11
    options = (activation.option(0), Option("pot_scale_int16", 1, "bool", True))
    limits = "at most four separate axes of broadcasting"
    notes = "both operands and the sum are rounded twice, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if elementwise.check(checks):
            scales = [node.input(i).q.scale for i in (0, 1)]
            checks.require(
                max(scales) < (1 << (_LEFT_SHIFT - 1)) * node.output().q.scale,
                "its scales are out of proportion",
                f"input scale / output scale below 2^{_LEFT_SHIFT - 1}",
                f"{max(scales) / node.output().q.scale:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_add_s8 or ek_add_constant_s8."""
        first, second = elementwise.operands(node)
        common = 2.0 * max(first.q.scale, second.q.scale)
        multiplier1, shift1 = quantize_multiplier(first.q.scale / common)
        multiplier2, shift2 = quantize_multiplier(second.q.scale / common)
        made = common / ((1 << _LEFT_SHIFT) * node.output().q.scale)
        output_multiplier, output_shift = quantize_multiplier(made)
        return elementwise.lowered(
            node,
            "add",
            {
                "zero_point1": first.q.zero_point,
                "zero_point2": second.q.zero_point,
                "multiplier1": multiplier1,
                "multiplier2": multiplier2,
                "shift1": shift1,
                "shift2": shift2,
                "output_multiplier": output_multiplier,
                "output_shift": output_shift,
            },
        )


OPERATOR = Add()

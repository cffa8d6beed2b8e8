"""SUB."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, binary
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_LEFT_SHIFT = 20  # of both operands before they are brought to a common scale


class Sub(Operator):
    """Difference of two tensors, with broadcasting."""

    name = "SUB"
    code = 41
    options_type = 28
    options = (activation.option(0), Option("pot_scale_int16", 1, "bool", True))
    limits = "at most four separate axes of broadcasting"
    notes = "both operands and the difference are rounded twice, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.input(1), node.output())
            and activation.check(checks)
            and binary.check_shapes(checks)
        ):
            ratio = max(node.input(i).q.scale for i in (0, 1)) / node.output().q.scale
            checks.require(
                2.0**-30 < ratio < 1 << (_LEFT_SHIFT - 1),
                "its scales are out of proportion",
                f"input scale / output scale between 1e-9 and 2^{_LEFT_SHIFT - 1}",
                f"{ratio:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_sub_s8 or ek_sub_constant_s8."""
        common = 2.0 * max(node.input(i).q.scale for i in (0, 1))
        multiplier1, shift1 = quantize_multiplier(node.input(0).q.scale / common)
        multiplier2, shift2 = quantize_multiplier(node.input(1).q.scale / common)
        made = common / ((1 << _LEFT_SHIFT) * node.output().q.scale)
        output_multiplier, output_shift = quantize_multiplier(made)
        return binary.lowered(
            node,
            "sub",
            {
                "zero_point1": node.input(0).q.zero_point,
                "zero_point2": node.input(1).q.zero_point,
                "multiplier1": multiplier1,
                "multiplier2": multiplier2,
                "shift1": shift1,
                "shift2": shift2,
                "output_multiplier": output_multiplier,
                "output_shift": output_shift,
                **activation.bounds(node.output(), activation.of(node.options)),
            },
        )


OPERATOR = Sub()

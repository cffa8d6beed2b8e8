"""DIV."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import activation, binary
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_MAX_RATIO = 1 << 22  # its shift stays below the headroom of a dividend, so that no shift goes left


class Div(Operator):
    """Quotient of two tensors, with broadcasting."""

    name = "DIV"
    code = 42
    options_type = 29
    options = (activation.option(0),)
    limits = "at most four separate axes of broadcasting"
    notes = (
        "gemmlowp's reciprocal, then rounds twice; the ratio of the scales in float32; a division by zero "
        "saturates by the sign of the dividend"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.input(1), node.output())
            and activation.check(checks)
            and binary.check_shapes(checks)
        ):
            ratio = _ratio(node)
            checks.require(
                2.0**-30 < ratio < _MAX_RATIO,
                "its scales are out of proportion",
                f"first input scale / (second input scale x output scale) between 1e-9 and {_MAX_RATIO}",
                f"{ratio:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_div_s8 or ek_div_constant_s8."""
        multiplier, shift = quantize_multiplier(_ratio(node))
        return binary.lowered(
            node,
            "div",
            {
                "zero_point1": node.input(0).q.zero_point,
                "zero_point2": node.input(1).q.zero_point,
                "multiplier": multiplier,
                "shift": shift,
                **activation.bounds(node.output(), activation.of(node.options)),
            },
        )


def _ratio(node: NodeView) -> float:
    first, second, made = (np.float32(t.q.scale) for t in (node.input(0), node.input(1), node.output()))
    with np.errstate(over="ignore", divide="ignore", under="ignore"):
        return float(first / (second * made))


OPERATOR = Div()

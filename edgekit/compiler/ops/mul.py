"""MUL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Param, Target
from edgekit.compiler.ops.common import activation, binary, elementwise, geometry, integers
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_MAX_RATIO = 1 << 13  # 255 * 255 * 2^14 fits 31 bit


class Mul(Operator):
    """Product of two tensors, with broadcasting."""

    name = "MUL"
    code = 18
    options_type = 21
    options = (activation.option(0),)
    signatures = ("int8", "int16", "int32")
    limits = "at most four separate axes of broadcasting"
    notes = "rounds twice; the ratio of the scales is taken in float32 by litert, in double by tflm"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if integers.plain(node, "int32"):
            integers.check(checks)
            return iter(checks.problems)
        if elementwise.check(checks):
            product = node.input(0).q.scale * node.input(1).q.scale
            checks.require(product < 2.0**127, "its scales leave float32", "a product below 2^127")
            ratio = product / node.output().q.scale
            most = _MAX_RATIO if node.output().dtype == np.int8 else 1
            checks.require(
                2.0**-60 < ratio < most,
                "its scales are out of proportion",
                f"product of the input scales / output scale between 1e-18 and {most}",
                f"{ratio:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_mul_s8, ek_mul_constant_s8 or ek_mul_s16."""
        if integers.plain(node, "int32"):
            return integers.lowered(node, integers.MUL)
        first, second = elementwise.operands(node)
        real = np.float64 if target.numerics == "tflm" else np.float32
        scale1, scale2, made = (real(t.q.scale) for t in (first, second, node.output()))
        multiplier, shift = quantize_multiplier(float(scale1 * scale2 / made))
        if node.output().dtype == np.int16:
            low, high = activation.clamp(node.output(), activation.of(node.options))
            scaled: dict[str, Param] = {"multiplier": multiplier, "shift": shift, "low": low, "high": high}
            return binary.lowered_wide(node, "ek_mul_s16", scaled)
        return elementwise.lowered(
            node,
            "mul",
            {
                "zero_point1": first.q.zero_point,
                "zero_point2": second.q.zero_point,
                "multiplier": multiplier,
                "shift": shift,
            },
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)


OPERATOR = Mul()

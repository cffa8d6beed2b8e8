"""PRELU."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import binary, geometry
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_MAX_RATIO = 1 << 13  # 255 * 255 * 2^14 fits 31 bit


class Prelu(Operator):
    """x where x >= 0, alpha * x elsewhere, with alpha broadcast."""

    name = "PRELU"
    code = 54
    limits = "at most four separate axes of broadcasting"
    notes = "rounds twice; the ratios of the scales are taken in float32 by litert, in double by tflm"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.input(1), node.output())
            and binary.check_shapes(checks)
        ):
            slope = node.input(0).q.scale * node.input(1).q.scale
            checks.require(slope < 2.0**127, "its scales leave float32", "a product below 2^127")
            plain = node.input(0).q.scale / node.output().q.scale
            for ratio in (plain, plain * node.input(1).q.scale):
                checks.require(
                    2.0**-60 < ratio < _MAX_RATIO,
                    "its scales are out of proportion",
                    f"input scale (x alpha scale) / output scale between 1e-18 and {_MAX_RATIO}",
                    f"{ratio:g}",
                )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_prelu_s8 or ek_prelu_constant_s8."""
        real = np.float64 if target.numerics == "tflm" else np.float32
        data, alpha, made = (real(t.q.scale) for t in (node.input(0), node.input(1), node.output()))
        multiplier, shift = quantize_multiplier(float(data / made))
        alpha_multiplier, alpha_shift = quantize_multiplier(float(data * alpha / made))
        return binary.lowered(
            node,
            "prelu",
            {
                "zero_point": node.input(0).q.zero_point,
                "alpha_zero_point": node.input(1).q.zero_point,
                "output_zero_point": node.output().q.zero_point,
                "multiplier": multiplier,
                "shift": shift,
                "alpha_multiplier": alpha_multiplier,
                "alpha_shift": alpha_shift,
            },
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)


OPERATOR = Prelu()

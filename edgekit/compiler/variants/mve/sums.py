"""What ADD and SUB with Helium share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Operator, Target
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8, linear
from edgekit.quant import requantize_twice

_LEFT_SHIFT = 20  # of both operands, in the reference


class Sum(Variant):
    """A linear form of two values.

    Class attributes:
        operator: ADD or SUB.
        sign: Of the second value.
    """

    feature = "mve"
    priority = PRIORITY
    operator: ClassVar[Operator]
    sign: ClassVar[int] = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_linear_s8_mve; None for a constant, a broadcast inner axis or no proof."""
        if not is_int8(node) or node.input(0).constant or node.input(1).constant:
            return None
        call = self.operator.lower(node, target)
        assert isinstance(call, KernelCall)
        walk = call.params["walk"]
        assert isinstance(walk, dict)
        if walk["steps1"][-1] != 1 or walk["steps2"][-1] != 1:
            return None
        form = _form(node, {k: v for k, v in call.params.items() if isinstance(v, int)}, self.sign)
        if form is None:
            return None
        low, high = linear.clamp(call.params)
        return replace(
            call,
            kernel="ek_linear_s8_mve",
            params={
                "walk": walk,
                "factor1": form.factors[0],
                "factor2": form.factors[1],
                "offset": form.offset,
                "shift": form.shift,
                "low": low,
                "high": high,
            },
        )


def _form(node: NodeView, p: Mapping[str, int], sign: int) -> linear.Form | None:
    first, second = (
        requantize_twice(
            (linear.VALUES - p[f"zero_point{i}"]) << _LEFT_SHIFT, p[f"multiplier{i}"], p[f"shift{i}"]
        )
        for i in (1, 2)
    )
    sums = (first[:, None] + sign * second).reshape(-1)
    made = requantize_twice(sums, p["output_multiplier"], p["output_shift"])
    wanted = np.clip(made, p["low"], p["high"]).reshape(256, 256) + p["output_zero_point"]
    made_scale = node.output().q.scale
    factors = [node.input(0).q.scale / made_scale, sign * node.input(1).q.scale / made_scale]
    zero = p["output_zero_point"] - factors[0] * p["zero_point1"] - factors[1] * p["zero_point2"]
    terms = np.broadcast_arrays(linear.VALUES[:, None], linear.VALUES)
    return linear.find(wanted, terms, factors, zero, linear.clamp(p))

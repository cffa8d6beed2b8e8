"""MUL by a vector as a linear form of each channel, which mostly exists where no product is negative."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Target, operators
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import linear, packing
from edgekit.quant import INT31_MAX, requantize_twice

_MOST_BEFORE = 22  # a difference of two values has nine bits and a sign
_HAIRS = (0, 1 << 14, 1 << 15, 1 << 13)  # by which multipliers grow, so that ties round away from zero


@dataclass(frozen=True, slots=True)
class _Form:
    """Parameters of ek_mul_linear_s8_dsp."""

    before: int
    multiplier: int
    after: int
    constant: int


class MulLinearDsp(Variant):
    """Channel by channel a linear form, proven for all pairs of values."""

    op = "MUL"
    feature = "dsp"
    priority = 1

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_mul_linear_s8_dsp, or None where no form is found for it."""
        first, second, output = node.input(0), node.input(1), node.output()
        whole, vector = (first, second) if first.shape == output.shape else (second, first)
        channels = output.shape[-1] if output.shape else 1
        rows = math.prod(output.shape[:-1])
        if whole.shape != output.shape or vector.elements != channels or vector.shape[-1:] != (channels,):
            return None
        if rows < 2 or whole.constant or vector.constant:
            return None
        portable = operators().by_name[self.op].lower(node, target)
        assert isinstance(portable, KernelCall)
        multiplier = linear.whole(portable.params["multiplier"])
        form = _form(whole, vector, output, multiplier, linear.whole(portable.params["shift"]))
        if form is None:
            return None
        clamp = packing.clamp(node)
        return KernelCall(
            "ek_mul_linear_s8_dsp",
            {
                "rows": rows,
                "channels": channels,
                "zero_point": whole.q.zero_point,
                "vector_zero_point": vector.q.zero_point,
                "before": form.before,
                "multiplier": form.multiplier,
                "after": form.after,
                "constant": form.constant,
                "clamped": clamp["clamped"],
                "low": clamp["low"],
                "high": clamp["high"],
            },
            (whole.index, vector.index),
            (output.index,),
            in_place=((0, 0),),
        )


def _form(whole: Tensor, vector: Tensor, output: Tensor, multiplier: int, shift: int) -> _Form | None:
    """Looks for parameters that agree with gemmlowp's rounding of the product on all pairs of values."""
    values = linear.VALUES[:, None] - whole.q.zero_point
    by = linear.VALUES - vector.q.zero_point
    products = requantize_twice(values * by, multiplier, shift)
    least, greatest = linear.bounds(np.clip(products + output.q.zero_point, -128, 127))
    total = shift + linear.FACTOR_BITS + 1
    before = min(total, _MOST_BEFORE)
    for hair in _HAIRS if total >= 0 else ():
        finer = min(multiplier + hair, INT31_MAX)
        factors = ((by << before) * finer >> 32) << (total - before)
        terms = linear.terms(factors * linear.VALUES[:, None])
        moved = linear.terms(factors * whole.q.zero_point)
        lower, upper = (least - terms + moved).max(), (greatest - terms + moved).min()
        if lower > upper:
            continue
        constant = linear.between(int(lower), int(upper))
        largest = max(np.abs(x).max() for x in (factors, constant - moved, constant - moved + terms))
        return _Form(before, finer, total - before, constant) if largest <= INT31_MAX else None
    return None


VARIANT = MulLinearDsp()

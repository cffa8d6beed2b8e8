"""Functions of two int8 values as linear forms, proven for all pairs (firmware/kernels/ek_linear_dsp.h)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Param, Target, operators
from edgekit.compiler.variants.dsp import packing
from edgekit.quant import INT31_MAX, requantize_twice

VALUES = np.arange(-128, 128, dtype=np.int64)
_SHIFT = 20  # of a sum
_TERM_SHIFT = 8  # of a product
FACTOR_BITS = _SHIFT + _TERM_SHIFT  # fraction bits of a factor
_NEVER = 1 << 60
_STEPS = 100  # of the search
_HAIRS = (0.0, 2.0**-12)  # by which slopes grow at first, so that ties round away from zero
_LEFT_SHIFT = 20  # of ADD's and SUB's operands


@dataclass(frozen=True, slots=True)
class Form:
    """((a * factor1 >> 8) + (b * factor2 >> 8) + constant) >> 20, limited to int8."""

    factor1: int
    factor2: int
    constant: int


def form(wanted: NDArray[np.int64], slope1: float, slope2: float) -> Form | None:
    """Returns a linear form that equals a function on all pairs, or None where none is found.

    Args:
        wanted: int8 values [256, 256] by a and b, both from -128.
        slope1, slope2: About what `wanted` grows with a and with b.
    """
    limits = bounds(wanted)
    found = (_search(limits, slope1 * (1 + hair), slope2 * (1 + hair)) for hair in _HAIRS)
    return next((made for made in found if made is not None), None)


def bounds(wanted: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns between what sums, both included, give the int8 values that are wanted."""
    unit = 1 << _SHIFT
    least = np.where(wanted == -128, -2 * _NEVER, wanted * unit)
    greatest = np.where(wanted == 127, 2 * _NEVER, wanted * unit + unit - 1)
    return least, greatest


def between(lower: int, upper: int) -> int:
    """Returns a constant between two bounds, of which one may bound nothing."""
    both = max(-lower, upper) < _NEVER
    return (lower + upper) // 2 if both else min(lower, upper, key=abs)


def terms(products: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the terms of products of a factor and a value."""
    return products >> _TERM_SHIFT


def _search(limits: tuple[NDArray[np.int64], NDArray[np.int64]], slope1: float, slope2: float) -> Form | None:
    """Looks for a form between two bounds.

    The constant has to lie within what all pairs demand. Where two pairs exclude each other, they say how
    to turn the plane: the relaxation method of Agmon, Motzkin and Schoenberg (1954).
    """
    least, greatest = limits
    scale = 1 << FACTOR_BITS
    real1, real2 = slope1 * scale, slope2 * scale
    for _ in range(_STEPS):
        factor1, factor2 = round(real1), round(real2)
        if max(abs(factor1), abs(factor2)) > INT31_MAX:
            return None
        terms1, terms2 = terms(VALUES * factor1), terms(VALUES * factor2)
        sums = terms1[:, None] + terms2[None, :]
        low, high = least - sums, greatest - sums
        at_low, at_high = divmod(int(low.argmax()), 256), divmod(int(high.argmin()), 256)
        lower, upper = int(low[at_low]), int(high[at_high])
        if lower <= upper:
            constant = between(lower, upper)
            largest = max(int(np.abs(part + constant).max()) for part in (terms1, sums))
            return Form(factor1, factor2, constant) if max(largest, abs(constant)) <= INT31_MAX else None
        turn1, turn2 = at_low[0] - at_high[0], at_low[1] - at_high[1]
        if turn1 == turn2 == 0:
            return None
        step = (lower - upper + 1) / (turn1 * turn1 + turn2 * turn2) * (1 << _TERM_SHIFT)
        real1, real2 = real1 + step * turn1, real2 + step * turn2
    return None


def lowered(node: NodeView, sign: int, target: Target) -> KernelCall | None:
    """Returns the call of ek_linear_s8_dsp for ADD (sign 1) or SUB (sign -1), or None where none fits."""
    first, second, output = node.input(0), node.input(1), node.output()
    if first.constant or second.constant or not first.shape == second.shape == output.shape:
        return None
    portable = operators().by_name[node.node.op].lower(node, target)
    assert isinstance(portable, KernelCall)
    p = portable.params
    multiplier1, multiplier2, made = (
        (whole(p[f"{name}multiplier{i}"]), whole(p[f"{name}shift{i}"]))
        for name, i in (("", "1"), ("", "2"), ("output_", ""))
    )
    scaled1 = requantize_twice((VALUES - first.q.zero_point) << _LEFT_SHIFT, *multiplier1)
    scaled2 = requantize_twice((VALUES - second.q.zero_point) << _LEFT_SHIFT, *multiplier2)
    sums = requantize_twice(scaled1[:, None] + sign * scaled2[None, :], *made)
    found = form(
        np.clip(sums + output.q.zero_point, -128, 127),
        first.q.scale / output.q.scale,
        sign * second.q.scale / output.q.scale,
    )
    if found is None:
        return None
    clamp = packing.clamp(node)
    return KernelCall(
        "ek_linear_s8_dsp",
        {
            "count": output.elements,
            "factor1": found.factor1,
            "factor2": found.factor2,
            "constant": found.constant,
            "clamped": clamp["clamped"],
            "low": clamp["low"],
            "high": clamp["high"],
        },
        (first.index, second.index),
        (output.index,),
        in_place=((0, 0), (1, 0)),
    )


def whole(value: Param) -> int:
    """Returns a parameter that is an integer."""
    assert isinstance(value, int)
    return value

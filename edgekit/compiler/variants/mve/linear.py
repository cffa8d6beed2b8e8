"""Linear forms with the bytes of an elementwise operator, proven for all pairs of int8 values.

The form is (form + offset) >> bits, `form` being linear in the values or in their product. Reference
arithmetic rounds more than once, so the factors next to the real ones are tried until one set gives the
reference's output everywhere; an offset fits as long as all its bounds, one per pair, leave room.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.ops.base import Param

_FIRST_SHIFT = 16  # by which the kernels narrow to 16 bit
_MAX_BITS = _FIRST_SHIFT + 8
_UNBOUNDED = 1 << 62

VALUES = np.arange(-128, 128, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Form:
    """(sum of factors x terms + offset) >> (16 + shift), each of the two shifts rounding half up.

    Args:
        factors: One per term.
        offset: Added; the whole fits 32 bit.
        shift: 1 to 8.
    """

    factors: tuple[int, ...]
    offset: int
    shift: int


def clamp(params: Mapping[str, Param]) -> tuple[int, int]:
    """Returns the least and the greatest output of a portable kernel with these parameters."""
    point, low, high = params["output_zero_point"], params["low"], params["high"]
    assert isinstance(point, int) and isinstance(low, int) and isinstance(high, int)
    return low + point, high + point


def find(
    wanted: NDArray[np.int64],
    terms: Sequence[NDArray[np.int64]],
    reals: Sequence[float],
    zero: float,
    bounds: tuple[int, int],
) -> Form | None:
    """Returns a form that gives `wanted` for every pair; None where none is found.

    Args:
        wanted: The operator's outputs, clamped.
        terms: What the factors multiply, each of the shape of `wanted`.
        reals: The real factors.
        zero: What is added to them, in output steps.
        bounds: Least and greatest output.
    """
    largest = float(np.abs(sum(real * term for real, term in zip(reals, terms, strict=True)) + zero).max())
    bits = min(_MAX_BITS, 31 - int(np.ceil(np.log2(largest + 2))))
    if bits <= _FIRST_SHIFT:
        return None
    unit = 1 << bits
    above = np.where(wanted > bounds[0], wanted * unit, -_UNBOUNDED)
    below = np.where(wanted < bounds[1], wanted * unit + unit - 1, _UNBOUNDED)
    nearest = [round(real * unit) for real in reals]
    steps = sorted(itertools.product(range(-2, 3), repeat=len(reals)), key=lambda s: sum(map(abs, s)))
    for step in steps:
        factors = tuple(n + s for n, s in zip(nearest, step, strict=True))
        form = sum(factor * term for factor, term in zip(factors, terms, strict=True))
        low, high = int((above - form).max()), int((below - form).min())
        if low <= high:
            offset = min(max(low, (low + high) // 2), high)
            break
    else:
        return None
    offset -= (1 << (_FIRST_SHIFT - 1)) + (unit >> 1)  # the shifts round
    limit = 1 << 31
    sums = np.asarray(form) + offset
    if max(abs(int(sums.min())), abs(int(sums.max())), *map(abs, factors), abs(offset)) >= limit:
        return None
    return Form(factors, offset, bits - _FIRST_SHIFT)

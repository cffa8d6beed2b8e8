"""Fixed-point exp, logistic and tanh as TFLM's int8 kernels compute them, bit for bit, in NumPy.

Source: gemmlowp, fixedpoint/fixedpoint.h. A value with `bits` integer bits is an int32 that stands
for raw * 2^(bits - 31); arrays here are int64 so that products fit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Fixed = NDArray[np.int64]

_MAX = (1 << 31) - 1
_ONE_IN_2_BITS = 1 << 29
_EXP_OF_POWERS = {  # exp(-2^exponent) with 0 integer bits
    -2: 1672461947,
    -1: 1302514674,
    0: 790015084,
    1: 290630308,
    2: 39332535,
    3: 720401,
    4: 242,
}


def multiply(a: Fixed | int, b: Fixed | int) -> Fixed:
    """Returns the product, rounded; its integer bits are the sum of both factors'."""
    product: Fixed = (np.asarray(a, np.int64) * b + (1 << 30)) >> 31
    return product


def divide_by_power(x: Fixed, bits: int) -> Fixed:
    """Returns x / 2^bits, rounded to nearest, half away from zero."""
    if bits == 0:
        return x
    mask = (1 << bits) - 1
    rounded: Fixed = (x >> bits) + ((x & mask) > (mask >> 1) + (x < 0))
    return rounded


def shift_left(x: Fixed, bits: int) -> Fixed:
    """Returns x * 2^bits, saturated to 32 bit."""
    return np.asarray(np.clip(x << bits, -(1 << 31), _MAX), np.int64)


def exp_of_negative(a: Fixed, bits: int) -> Fixed:
    """Returns exp(a), 0 integer bits, for a <= 0 with `bits` integer bits."""
    fraction = 31 - bits
    quarter = 1 << (fraction - 2)
    rest = (a & (quarter - 1)) - quarter
    result = _exp_near_zero(shift_left(rest, bits))
    remainder = rest - a
    for exponent, factor in _EXP_OF_POWERS.items():
        if bits > exponent:
            taken = (remainder >> (fraction + exponent)) & 1
            result = np.where(taken, multiply(result, factor), result)
    return np.where(a == 0, _MAX, result)


def _exp_near_zero(a: Fixed) -> Fixed:
    """Taylor expansion around -1/8, for a in [-1/4, 0)."""
    exp_of_minus_eighth, third = 1895147668, 715827883
    x = a + (1 << 28)
    x2 = multiply(x, x)
    x3 = multiply(x2, x)
    x4 = multiply(x2, x2)
    tail = divide_by_power(multiply(divide_by_power(x4, 2) + x3, third) + x2, 1)
    return exp_of_minus_eighth + multiply(exp_of_minus_eighth, x + tail)


def _reciprocal_of_half(a: Fixed) -> Fixed:
    """Returns 2 / (1 + a) with 2 integer bits, for a in [0, 1] with 0: Newton-Raphson, three steps."""
    half = (a + _MAX + 1) >> 1
    x = 1515870810 + multiply(half, -1010580540)  # 48/17 - 32/17 * half
    for _ in range(3):
        x = x + shift_left(multiply(x, _ONE_IN_2_BITS - multiply(half, x)), 2)
    return x


def logistic(a: Fixed, bits: int) -> Fixed:
    """Returns 1 / (1 + exp(-a)), 0 integer bits, for a with `bits` integer bits."""
    positive = shift_left(_reciprocal_of_half(exp_of_negative(-np.abs(a), bits)), 1)
    return np.where(a == 0, 1 << 30, np.where(a > 0, positive, _MAX - positive))


def tanh(a: Fixed, bits: int) -> Fixed:
    """Returns the hyperbolic tangent, 0 integer bits, for a with `bits` integer bits."""
    magnitude = shift_left(_reciprocal_of_half(exp_of_negative(-np.abs(a), bits + 1)) - _ONE_IN_2_BITS, 2)
    return np.where(a == 0, 0, np.where(a < 0, -magnitude, magnitude))

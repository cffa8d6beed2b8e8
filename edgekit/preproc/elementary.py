"""Logarithm and exponential function in float32, with the operations of templates/preproc/elementary.c.j2.

C libraries differ in the last bits of logf and expf; these differ nowhere, and lie within 2 units in the
last place of the exact value. The reductions are the classical ones (Cody and Waite, Software Manual for
the Elementary Functions, 1980): log x = e log 2 + log(1 + f) with 1 + f between sqrt(1/2) and sqrt(2), and
log(1 + f) = f - s (f - r(s^2)) with s = f / (2 + f), r the series of the inverse hyperbolic tangent;
exp x = 2^k exp(r) with |r| <= log(2) / 2, and the series of exp(r).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOG_SERIES = tuple(np.float32(2 / k) for k in (9, 7, 5, 3))
EXP_SERIES = tuple(np.float32(1 / k) for k in (5040, 720, 120, 24, 6, 2))
LN2_HIGH = np.float32(0.693145751953125)  # 16 bits, so that a small integer times it is exact
LN2_LOW = np.float32(np.log(2) - 0.693145751953125)
LOG2_E = np.float32(1 / np.log(2))
SQRT_HALF_BITS = 0x3F3504F3
EXP_LEAST, EXP_MOST = np.float32(-87), np.float32(88)


def log(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the natural logarithm.

    Args:
        x: float32, positive and normal (1.2e-38 or more).
    """
    bits = x.view(np.int32)
    exponent = (bits - np.int32(SQRT_HALF_BITS)) >> 23
    f = (bits - (exponent << 23)).view(np.float32) - np.float32(1)
    s = f / (np.float32(2) + f)
    z = s * s
    r: NDArray[np.float32] = np.full_like(z, LOG_SERIES[0])
    for coefficient in LOG_SERIES[1:]:
        r = r * z + coefficient
    k = exponent.astype(np.float32)
    return np.asarray(k * LN2_HIGH + (k * LN2_LOW + (f - s * (f - r * z))))


def exp(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns the exponential function; arguments are limited to -87 and 88.

    Args:
        x: float32, finite.
    """
    x = np.minimum(np.maximum(x, EXP_LEAST), EXP_MOST)
    scaled = x * LOG2_E
    k = (scaled + np.copysign(np.float32(0.5), scaled)).astype(np.int32)
    whole = k.astype(np.float32)
    r = (x - whole * LN2_HIGH) - whole * LN2_LOW
    p: NDArray[np.float32] = np.full_like(r, EXP_SERIES[0])
    for coefficient in EXP_SERIES[1:]:
        p = p * r + coefficient
    p = (p * r + np.float32(1)) * r + np.float32(1)
    return np.asarray(p * ((k + 127) << 23).view(np.float32))


def constants() -> dict[str, object]:
    """Returns the numbers that the C template prints."""
    return {
        "log_series": LOG_SERIES,
        "exp_series": EXP_SERIES,
        "ln2_high": LN2_HIGH,
        "ln2_low": LN2_LOW,
        "log2_e": LOG2_E,
        "sqrt_half_bits": SQRT_HALF_BITS,
        "exp_least": EXP_LEAST,
        "exp_most": EXP_MOST,
    }

"""1 / sqrt(x) as a fixed-point multiplier, as both runtimes compute it."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.ops.common import gemmlowp

_HALF_SQRT_2 = 1518500250  # sqrt(2) / 2, without integer bits
_HALF_THREE = (1 << 28) + (1 << 27)  # 1.5 with 3 integer bits
_MAX = (1 << 31) - 1


def multiplier(x: int) -> tuple[int, int]:
    """Returns (multiplier, shift) with 1 / sqrt(x) ~ multiplier * 2^(-31 - shift).

    Source: GetInvSqrtQuantizedMultiplierExp of TensorFlow Lite: Newton-Raphson from 1, five steps.

    Args:
        x: From 0 (taken as 1) to 2^31 - 1.
    """
    if x <= 1:
        return _MAX, 0
    shift = 11
    while x >= 1 << 29:
        x //= 4
        shift += 1
    pairs = (31 - x.bit_length()) // 2 - 1
    shift -= pairs
    value = np.array((x << 2 * pairs) >> 1, np.int64)
    half = gemmlowp.divide_by_power(value, 1)
    root: gemmlowp.Fixed = np.array(1 << 28, np.int64)
    for _ in range(5):
        cube = gemmlowp.shift_left(gemmlowp.multiply(gemmlowp.multiply(root, root), root), 6)
        step = gemmlowp.multiply(_HALF_THREE, root) - gemmlowp.multiply(half, cube)
        root = gemmlowp.shift_left(step, 3)
    found = int(gemmlowp.multiply(root, _HALF_SQRT_2))
    return (found << -shift, 0) if shift < 0 else (found, shift)

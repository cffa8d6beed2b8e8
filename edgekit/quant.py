"""Affine quantisation and the fixed-point arithmetic of TFLite's int8 operators, in NumPy.

Sources: Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", arXiv:1712.05877 (affine scheme, section 2.1; fixed-point
multiplier, section 2.2); TensorFlow Lite 8-bit quantization specification.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

INT31_MAX = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Quantization:
    """real = scale * (q - zero_point), per tensor or per channel.

    Args:
        scales: float32 [1] per tensor, or [channels] per channel.
        zero_points: int64, same shape.
        axis: The channel axis where there are several scales.
    """

    scales: NDArray[np.float32]
    zero_points: NDArray[np.int64]
    axis: int = 0

    @classmethod
    def per_tensor(cls, scale: float, zero_point: int) -> Quantization:
        """Returns the quantisation of a tensor with one scale."""
        return cls(np.array([scale], np.float32), np.array([zero_point], np.int64))

    @property
    def scale(self) -> float:
        """The only scale, as the double that holds the stored float32 exactly."""
        return float(self.scales[0])

    @property
    def zero_point(self) -> int:
        """The only zero point."""
        return int(self.zero_points[0])


def quantize(
    real: ArrayLike, scale: float, zero_point: int, dtype: np.dtype | type = np.int8
) -> NDArray[np.generic]:
    """Quantises to nearest (half away from zero) and clips, as the generated C does.

    Args:
        real: float32 values of any shape; must be finite.
        scale: Step of the integer grid, > 0.
        zero_point: Integer that stands for 0.
        dtype: Integer type of the result.

    Returns:
        Integers of `dtype`, same shape.
    """
    info = np.iinfo(dtype)
    scaled = np.asarray(real, np.float32) / np.float32(scale)
    rounded = np.copysign(np.floor(np.abs(scaled) + np.float32(0.5)), scaled)
    # Clip before the shift so that the sum stays exact in float32.
    clipped = np.clip(rounded, info.min - zero_point, info.max - zero_point)
    return np.asarray((clipped.astype(np.int64) + zero_point).astype(dtype))


def dequantize(q: ArrayLike, scale: float, zero_point: int) -> NDArray[np.float32]:
    """Returns scale * (q - zero_point) as float32, same shape."""
    return (np.asarray(q, np.int64) - zero_point).astype(np.float32) * np.float32(scale)


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Returns (multiplier, shift) with real ~ multiplier * 2^(shift - 31).

    Args:
        real: Multiplier >= 0, e.g. input_scale * weight_scale / output_scale.

    Returns:
        multiplier in [2^30, 2^31) or 0, and shift (positive = left).
    """
    if real == 0.0:
        return 0, 0
    mantissa, shift = math.frexp(real)
    fixed = _round_half_away(mantissa * (1 << 31))
    if fixed == 1 << 31:
        fixed //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    if shift > 30:
        return INT31_MAX, 30
    return fixed, shift


def requantize_twice(x: NDArray[np.integer], multiplier: int, shift: int) -> NDArray[np.int64]:
    """x * multiplier * 2^(shift-31) with gemmlowp's two roundings.

    A saturating rounding doubling high multiplication (half away from zero), then a rounding
    right shift (half away from zero).

    Args:
        x: int32 values.
        multiplier: As `quantize_multiplier` gives it.
        shift: Likewise; positive = left shift before the multiplication.
    """
    left, right = max(shift, 0), max(-shift, 0)
    product = (x.astype(np.int64) << left) * np.int64(multiplier)
    nudge = np.where(product >= 0, 1 << 30, 1 - (1 << 30))
    total = product + nudge
    high = np.where(total >= 0, total >> 31, -((-total) >> 31))  # C division truncates
    if right == 0:
        return high
    mask = (1 << right) - 1
    threshold = (mask >> 1) + (high < 0)
    return (high >> right) + ((high & mask) > threshold)


def _round_half_away(value: float) -> int:
    return math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1)

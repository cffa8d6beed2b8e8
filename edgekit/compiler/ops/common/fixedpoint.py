"""Multipliers of int8 operators, for each rounding rule (docs/numerics.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import Tensor
from edgekit.quant import quantize_multiplier


def channel_reals(data: Tensor, weights: Tensor, output: Tensor) -> NDArray[np.float64]:
    """Returns input scale x weight scale / output scale in double, float64 [1 or channels]."""
    scales = weights.q.scales.astype(np.float64)
    return np.asarray(data.q.scale * scales / output.q.scale, np.float64)


def multipliers(reals: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.int8]]:
    """Returns multipliers and shifts for gemmlowp's double rounding."""
    pairs = [quantize_multiplier(float(real)) for real in reals]
    return np.array([m for m, _ in pairs], np.int32), np.array([s for _, s in pairs], np.int8)


def largest_sums(
    weights: NDArray[np.int8], bias: NDArray[np.int32] | None, zero_point: int
) -> NDArray[np.float64]:
    """Returns the largest magnitude that each channel's sum can reach, for any input.

    Args:
        weights: int8 [channels, ...].
        bias: int32 [channels], or None.
        zero_point: Of the input.
    """
    widest = max(127 - zero_point, zero_point + 128)
    sums = np.abs(weights.reshape(len(weights), -1).astype(np.float64)).sum(1) * widest
    if bias is not None:
        sums = sums + np.abs(bias.reshape(-1).astype(np.float64))
    return np.asarray(sums, np.float64)


@dataclass(frozen=True, slots=True)
class Fine:
    """real ~ (multiplier + fraction / 2^32) * 2^(shift - 31), to be rounded once, half up."""

    multiplier: int
    fraction: int
    shift: int

    def apply(self, sums: NDArray[np.int64]) -> NDArray[np.int64]:
        """Computes what `ek_requantize_fine` does."""
        high: NDArray[np.int64] = sums * self.multiplier + ((sums * self.fraction) >> 32)
        total = 31 - self.shift
        rounded: NDArray[np.int64] = (high + (1 << (total - 1))) >> total
        return rounded


def fine_multiplier(real: float, largest: int) -> Fine:
    """Returns fixed-point constants that reproduce `round(double(sum) * real)` for every sum.

    Rounding half away from zero differs from half up at negative ties; a multiplier that is larger
    by a hair gives both. The result is compared with double arithmetic at every step of the output.

    Args:
        real: The multiplier, > 0.
        largest: The largest magnitude of a sum.
    """
    mantissa, exponent = math.frexp(real)
    if exponent < -31:
        return Fine(0, 0, 0)  # |sum * real| < 1/2 for every int32
    sums = _sums_around_steps(real, largest)
    products = sums.astype(np.float64) * real
    wanted = np.clip(np.copysign(np.floor(np.abs(products) + 0.5), products), -512, 512)
    base = int(mantissa * (1 << 53)) << 10
    for hair in (1, 1 << 9, 1 << 10, 0):
        whole = min(base + hair, (1 << 63) - 1)
        fine = Fine(whole >> 32, whole & 0xFFFFFFFF, exponent)
        if np.array_equal(np.clip(fine.apply(sums), -512, 512), wanted):
            return fine
    raise AssertionError(f"no fixed-point multiplier equals {real!r}")


def _sums_around_steps(real: float, largest: int) -> NDArray[np.int64]:
    """Returns the sums on both sides of every step of an output within int8's reach."""
    steps = np.arange(-256, 257) - 0.5
    near = np.clip(np.floor(steps / real), -float(1 << 31), float(1 << 31)).astype(np.int64)
    sums: NDArray[np.int64] = (near[:, None] + np.arange(-2, 4)).reshape(-1)
    return sums[np.abs(sums) <= min(largest, (1 << 31) - 1)]

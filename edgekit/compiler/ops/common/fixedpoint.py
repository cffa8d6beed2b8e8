"""Multipliers of int8 operators, for each rounding rule (docs/numerics.md)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

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
    weights: NDArray[np.int8],
    bias: NDArray[np.integer] | None,
    zero_point: int,
    dtype: np.dtype[Any] | type = np.int8,
) -> NDArray[np.float64]:
    """Returns the largest magnitude that each channel's sum can reach, for any input.

    Args:
        weights: int8 [channels, ...].
        bias: int32 or int64 [channels], or None.
        zero_point: Of the input.
        dtype: Of the input.
    """
    ends = np.iinfo(dtype)
    widest = max(ends.max - zero_point, zero_point - ends.min)
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

    def apply_wide(self, sums: NDArray[np.int64]) -> NDArray[np.int64]:
        """Computes what `ek_requantize_fine_wide` does."""
        total = 31 - self.shift
        high, low = sums >> 24, sums & 0xFFFFFF
        rest = (high * self.fraction + ((low * self.fraction) >> 24)) >> 8
        carried = (low * self.multiplier + rest + (1 << (total - 1))) >> 24
        rounded: NDArray[np.int64] = (high * self.multiplier + carried) >> (total - 24)
        return rounded


def fine_multiplier(real: float, largest: int, *, wide: bool = False) -> Fine:
    """Returns fixed-point constants that reproduce `round(double(sum) * real)` for every sum.

    Rounding half away from zero differs from half up at negative ties; a multiplier that is larger
    by a hair gives both. The result is compared with double arithmetic at every step of the output.

    Args:
        real: The multiplier, > 0; below 128 where wide.
        largest: The largest magnitude of a sum, below 2^31, or 2^47 where wide.
        wide: Whether the output is int16, not int8.
    """
    mantissa, exponent = math.frexp(real)
    if exponent < -31:
        return Fine(0, 0, 0)  # the sum rounds to 0
    reach = 1 << (17 if wide else 9)
    sums = _sums_around_steps(real, largest, reach // 2)
    products = sums.astype(np.float64) * real
    wanted = np.clip(np.copysign(np.floor(np.abs(products) + 0.5), products), -reach, reach)
    base = int(mantissa * (1 << 53)) << 10
    for hair in (1, 1 << 9, 1 << 10, 0):
        whole = min(base + hair, (1 << 63) - 1)
        fine = Fine(whole >> 32, whole & 0xFFFFFFFF, exponent)
        made = fine.apply_wide(sums) if wide else fine.apply(sums)
        if np.array_equal(np.clip(made, -reach, reach), wanted):
            return fine
    raise AssertionError(f"no fixed-point multiplier equals {real!r}")


def _sums_around_steps(real: float, largest: int, reach: int) -> NDArray[np.int64]:
    """Returns the sums on both sides of every step of an output of magnitude up to `reach`."""
    steps = np.arange(-reach, reach + 1) - 0.5
    near = np.clip(np.floor(steps / real), -float(1 << 47), float(1 << 47)).astype(np.int64)
    sums: NDArray[np.int64] = (near[:, None] + np.arange(-1, 3)).reshape(-1)
    return sums[np.abs(sums) <= largest]

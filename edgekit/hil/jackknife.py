"""The relative difference of two measured arms, with a confidence interval from the blocks themselves."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEAST_BLOCKS = 10
METHOD = (
    "ratio of stratified means; delete-one-block jackknife with Student's t "
    "(Tukey 1958; Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 11)"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much longer B takes than A, as a share of A.

    Args:
        value: 0.02 means that B takes 2 % longer.
        low, high: Ends of the confidence interval.
        level: Of the interval, e.g. 0.95.
        standard_error: Of `value`.
    """

    value: float
    low: float
    high: float
    level: float
    standard_error: float

    @property
    def holds_zero(self) -> bool:
        """Whether the two may be equal."""
        return self.low <= 0.0 <= self.high


def difference(
    a: NDArray[np.float64], b: NDArray[np.float64], weights: NDArray[np.float64], level: float = 0.95
) -> Difference:
    """Returns the relative difference of two arms that were measured block by block.

    A block is one pass over both arms in random order, so what drifts from block to block touches
    both. Leaving out one block at a time tells how much the estimate depends on each.

    Args:
        a, b: float64 [blocks, groups]: time per vector of each group in each block.
        weights: float64 [groups]: share of each group among the vectors.
        level: Of the interval.

    Raises:
        ValueError: Fewer than `LEAST_BLOCKS` blocks, or the shapes differ.
    """
    blocks = len(a)
    if blocks < LEAST_BLOCKS or a.shape != b.shape or a.shape[1:] != weights.shape:
        raise ValueError(f"{a.shape}, {b.shape} and {weights.shape} are no blocks of two arms")
    per_block = np.stack([a @ weights, b @ weights])
    total = per_block.sum(axis=1, keepdims=True)
    value = float(total[1, 0] / total[0, 0] - 1)
    without = total - per_block
    left_out = without[1] / without[0] - 1
    error = float(np.sqrt((blocks - 1) / blocks * ((left_out - left_out.mean()) ** 2).sum()))
    reach = student_t(0.5 + level / 2, blocks - 1) * error
    return Difference(value, value - reach, value + reach, level, error)


def student_t(probability: float, degrees: int) -> float:
    """Returns a quantile of Student's t distribution.

    Args:
        probability: 0 to 1.
        degrees: Of freedom, at least 9; below, the expansion is too coarse.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5.
    """
    if degrees < LEAST_BLOCKS - 1:
        raise ValueError(f"{degrees} degrees of freedom")
    z, n = NormalDist().inv_cdf(probability), float(degrees)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n ** (power + 1) for power, term in enumerate(terms))

"""Outputs of a board beside those of the reference, element by element."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_DETAILS = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """One element that differs.

    Args:
        vector: Number of the vector.
        output: Name of the output tensor.
        element: Index into the flattened output.
        expected: What the reference computed.
        got: What the board computed.
    """

    vector: int
    output: str
    element: int
    expected: float | int
    got: float | int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a board's outputs agree with the reference's.

    Args:
        vectors: Number of vectors compared.
        elements: Number of elements compared.
        mismatched_elements: Elements that are not equal.
        max_abs_diff: Largest difference; the largest float32 where one side is not finite.
        per_vector: Mismatched elements of each vector, int64 [vectors].
        differences: The first ones, at most `MAX_DETAILS`.
    """

    vectors: int
    elements: int
    mismatched_elements: int
    max_abs_diff: float | int
    per_vector: NDArray[np.int64]
    differences: list[Difference]

    @property
    def equal(self) -> bool:
        """Whether something was compared and nothing differs."""
        return self.elements > 0 and self.mismatched_elements == 0


def compare(
    got: Mapping[str, NDArray[np.generic]], expected: Mapping[str, NDArray[np.generic]]
) -> Comparison:
    """Compares outputs exactly; NaN equals NaN.

    Args:
        got: What the board computed, by output name: [n, ...] of the tensor's dtype.
        expected: What the reference computed: same names, dtypes, n and elements per vector.

    Raises:
        ValueError: Names, dtypes, n or elements per vector differ.
    """
    if set(got) != set(expected) or not got:
        raise ValueError(f"outputs {sorted(got)} cannot be compared with {sorted(expected)}")
    counts = {len(values) for values in got.values()}
    if len(counts) != 1:
        raise ValueError(f"outputs of {sorted(counts)} vectors")
    per_vector = np.zeros(counts.pop(), np.int64)
    elements, largest = 0, 0.0
    differences: list[Difference] = []
    for name, values in got.items():
        reference = expected[name]
        a, b = _by_vector(values), _by_vector(reference)
        if a.dtype != b.dtype or a.shape != b.shape:
            raise ValueError(
                f"{name}: {values.dtype} {values.shape} against {reference.dtype} {reference.shape}"
            )
        differs = a != b
        if a.dtype.kind == "f":
            differs &= ~(np.isnan(a.astype(np.float64)) & np.isnan(b.astype(np.float64)))
        elements += a.size
        per_vector += np.count_nonzero(differs, axis=1)
        if differs.any():
            largest = max(largest, _largest(a[differs], b[differs]))
        for vector, element in np.argwhere(differs)[:MAX_DETAILS]:
            differences.append(
                Difference(
                    int(vector), name, int(element), b[vector, element].item(), a[vector, element].item()
                )
            )
    differences.sort(key=lambda difference: difference.vector)
    return Comparison(
        vectors=len(per_vector),
        elements=elements,
        mismatched_elements=int(per_vector.sum()),
        max_abs_diff=int(largest) if all(v.dtype.kind in "iub" for v in got.values()) else largest,
        per_vector=per_vector,
        differences=differences[:MAX_DETAILS],
    )


def _by_vector(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return values.reshape(len(values), math.prod(values.shape[1:]))


def _largest(a: NDArray[np.generic], b: NDArray[np.generic]) -> float:
    if a.dtype.kind != "f":
        return float(max(abs(int(x) - int(y)) for x, y in zip(a.tolist(), b.tolist(), strict=True)))
    with np.errstate(invalid="ignore", over="ignore"):
        difference = np.abs(a.astype(np.float64) - b.astype(np.float64))
    most = float(np.finfo(np.float32).max)
    return float(np.nan_to_num(difference, nan=most, posinf=most).max())

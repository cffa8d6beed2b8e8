"""Raises high frequencies: y[t] = x[t] - coefficient x[t - 1]; the first sample stands before itself.

Source: Rabiner and Schafer, Theory and Applications of Digital Speech Processing, section 9.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams, single_values


class Params(StepParams):
    """Share of the sample before that is taken away."""

    coefficient: float = Param(0.97, ge=0, le=1)


class PreEmphasis(Step):
    """High-pass of first order."""

    summary = "pre-emphasis: x[t] - coefficient x[t - 1]"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no single values."""
        yield from single_values(signal)

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return f"pre-emphasis: x[t] - {params.coefficient:g} x[t - 1]"

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Subtracts."""
        return np.asarray(x - np.float32(step.params.coefficient) * np.concatenate([x[:1], x[:-1]]))

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Subtracts."""
        return np.asarray(x - step.params.coefficient * np.concatenate([x[:1], x[:-1]]))

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("started", "uint32_t", comment="0 until the first sample"),
            Field("before", "float", comment="the sample before"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the coefficient."""
        return {"coefficient": step.params.coefficient}


STEP = PreEmphasis()

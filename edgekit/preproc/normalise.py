"""Brings values to a fixed mean and standard deviation, known from training data: (x - mean) / std."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param
from pydantic import field_validator

from edgekit.errors import Problem
from edgekit.preproc.base import DesignedStep, Signal, Step, StepParams


class Params(StepParams):
    """Mean and standard deviation: one number, or one for each value of an item."""

    mean: float | tuple[float, ...] = 0.0
    std: float | tuple[float, ...] = Param(1.0)

    @field_validator("mean", "std", mode="before")
    @classmethod
    def _tuple(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("std")
    @classmethod
    def _positive(cls, value: Any) -> Any:
        if np.min(value, initial=np.inf) < 1e-30:
            raise ValueError("must be above 0")
        return value


class Normalise(Step):
    """Subtracts a mean and multiplies by 1 / std, as one float32 each."""

    summary = "fixed mean and standard deviation, given in the recipe"
    memory = "in-place"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where there are as many numbers as an item has no values."""
        for name in ("mean", "std"):
            count = np.size(getattr(params, name))
            if np.ndim(getattr(params, name)) and count != signal.width:
                yield Problem(name, "does not fit the items", f"1 or {signal.width} numbers", str(count))

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        mean, std = (
            f"{value:g}" if not isinstance(value, tuple) else f"one of {len(value)}"
            for value in (params.mean, params.std)
        )
        return f"normalise: (x - {mean}) / {std}"

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shapes of the tables where numbers differ from value to value."""
        return {name: (np.size(given),) for name, given in _given(params) if isinstance(given, tuple)}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns means and inverse deviations where they differ from value to value."""
        return {name: _float32(name, given) for name, given in _given(params) if isinstance(given, tuple)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Normalises."""
        mean, inverse = (
            _float32(name, given).reshape(step.input.shape if np.ndim(given) else ())
            for name, given in _given(step.params)
        )
        return np.asarray((x - mean) * inverse)

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalises."""
        mean, std = (
            np.reshape(given, step.input.shape if np.ndim(given) else ()) for _, given in _given(step.params)
        )
        return np.asarray((x - mean) / std)

    def numbers(self, step: DesignedStep) -> Mapping[str, Any]:
        """Returns the single numbers, and what is single."""
        numbers: dict[str, Any] = {"width": step.input.width, "single": int(step.input.shape == ())}
        for name, given in _given(step.params):
            numbers |= {f"{name}_table": int(bool(np.ndim(given)))}
            numbers |= {} if np.ndim(given) else {name: float(_float32(name, given))}
        return numbers


def _given(params: Params) -> tuple[tuple[str, Any], ...]:
    return ("mean", params.mean), ("inverse", params.std)


def _float32(name: str, given: Any) -> NDArray[np.float32]:
    values = np.asarray(given, np.float64)
    return (1 / values if name == "inverse" else values).astype(np.float32)


STEP = Normalise()

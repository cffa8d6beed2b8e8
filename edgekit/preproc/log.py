"""Logarithm of each value, with a floor below it and an offset: ln or decibels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.preproc import elementary
from edgekit.preproc.base import DesignedStep, Signal, Step, StepParams

_FACTORS = {"ln": 1.0, "log10": 1 / np.log(10), "10log10": 10 / np.log(10), "20log10": 20 / np.log(10)}


class Params(StepParams):
    """log(max(x, floor) + offset): ln, log10, or decibels of powers (10log10) or magnitudes (20log10)."""

    floor: float = Param(1e-12, ge=1e-30, le=1e30)
    offset: float = Param(0.0, ge=0, le=1e30)
    unit: Literal["ln", "log10", "10log10", "20log10"] = "ln"


class Log(Step):
    """Logarithm, with the same bits in NumPy and on every C library."""

    summary = "logarithm with floor and offset: ln, log10 or decibels"
    memory = "in-place"
    Params = Params

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        offset = f" + {params.offset:g}" if params.offset else ""
        return f"{params.unit}(max(x, {params.floor:g}){offset})"

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes the logarithm by `elementary.log`."""
        limited = np.maximum(x, np.float32(step.params.floor)) + np.float32(step.params.offset)
        return np.asarray(elementary.log(limited) * np.float32(_FACTORS[step.params.unit]))

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Takes the logarithm."""
        limited = np.maximum(x, step.params.floor) + step.params.offset
        return np.asarray(np.log(limited) * _FACTORS[step.params.unit])

    def numbers(self, step: DesignedStep) -> Mapping[str, Any]:
        """Returns its parameters, and the coefficients of the logarithm."""
        return {
            "width": step.input.width,
            "single": int(step.input.shape == ()),
            "floor": step.params.floor,
            "offset": step.params.offset,
            "factor": _FACTORS[step.params.unit],
            **elementary.constants(),
        }


STEP = Log()

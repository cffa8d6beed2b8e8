"""Per-channel energy normalisation: a gain control for each band, then compression by a root.

m[t] = (1 - s) m[t - 1] + s e[t], and out = (e / (epsilon + m)^gain + bias)^power - bias^power. The smoother
starts as if the first row had always been there.
Source: Wang, Getreuer, Hughes, Lyon, Saurous, Trainable Frontend for Robust and Far-Field Keyword Spotting,
ICASSP 2017, equations 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc import elementary
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams, rows_of


class Params(StepParams):
    """Smoothing s, gain, bias, power and epsilon, as the paper names them; its values are the defaults."""

    smoothing: float = Param(0.025, gt=0, le=1)
    gain: float = Param(0.98, ge=0, le=1)
    bias: float = Param(2.0, gt=0, le=1e6)
    power: float = Param(0.5, gt=0, le=1)
    epsilon: float = Param(1e-6, ge=1e-30, le=1e6)


class Pcen(Step):
    """Rows of energies in, rows of normalised energies out."""

    summary = "per-channel energy normalisation"
    memory = "in-place"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no rows."""
        yield from rows_of(signal, "mel", "frequency")

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return (
            f"PCEN: (e / ({params.epsilon:g} + m)^{params.gain:g} + {params.bias:g})^{params.power:g}"
            f" - {params.bias:g}^{params.power:g}, m smoothed by {params.smoothing:g}"
        )

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Smooths row after row, then normalises all at once."""
        n = {name: np.float32(value) for name, value in _numbers(step.params).items()}
        smooth = np.empty_like(x)
        m = x[0] if len(x) else x
        for t, row in enumerate(x):
            m = n["keep"] * m + n["smoothing"] * row
            smooth[t] = m
        gained = x * elementary.exp(n["minus_gain"] * elementary.log(n["epsilon"] + smooth))
        return np.asarray(elementary.exp(n["power"] * elementary.log(gained + n["bias"])) - n["floor"])

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Smooths with SciPy, then normalises."""
        from scipy.signal import lfilter

        p = step.params
        if not len(x):
            return x
        start = (1 - p.smoothing) * x[:1]
        m, _ = lfilter([p.smoothing], [1, p.smoothing - 1], x, axis=0, zi=start)
        return np.asarray((x / (p.epsilon + m) ** p.gain + p.bias) ** p.power - p.bias**p.power)

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("started", "uint32_t", comment="0 until the first row"),
            Field("smooth", "float", (step.input.width,), "smoothed energy of each band"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, Any]:
        """Returns what the template computes with."""
        return {"width": step.input.width, **_numbers(step.params), **elementary.constants()}


def _numbers(params: Params) -> dict[str, float]:
    return {
        "keep": 1 - params.smoothing,
        "smoothing": params.smoothing,
        "minus_gain": -params.gain,
        "bias": params.bias,
        "power": params.power,
        "epsilon": params.epsilon,
        "floor": params.bias**params.power,
    }


STEP = Pcen()

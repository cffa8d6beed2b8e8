"""Power of each bin of a spectrum: re^2 + im^2."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import Problem
from edgekit.preproc.base import DesignedStep, Signal, Step, StepParams, rows_of


class Power(Step):
    """Packed spectra in, one value for each bin from DC to Nyquist out."""

    summary = "power of each bin of a spectrum"
    memory = "in-place"
    Params = StepParams

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no spectra."""
        yield from rows_of(signal, "spectrum")

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return f"{self.summary}: {signal.width // 2 + 1} values"

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns rows of bins."""
        return Signal(signal.rate_hz, (signal.width // 2 + 1,), "frequency", signal.axis_hz)

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Squares and adds."""
        return _power(x)

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Squares and adds."""
        return _power(x)

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the number of bins but for DC and Nyquist, plus one."""
        return {"half": step.input.width // 2}


def _power(x: NDArray[Any]) -> NDArray[Any]:
    out = np.empty((*x.shape[:-1], x.shape[-1] // 2 + 1), x.dtype)
    out[..., 0], out[..., -1] = x[..., 0] * x[..., 0], x[..., 1] * x[..., 1]
    real, imag = x[..., 2::2], x[..., 3::2]
    out[..., 1:-1] = real * real + imag * imag
    return out


STEP = Power()

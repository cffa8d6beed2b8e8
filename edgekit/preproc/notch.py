"""Second-order notch, for mains hum.

The signal less what a peak filter finds: y = x - peak(x). The peak filter begins with the difference
x[n] - x[n - 2], so an offset passes untouched.
Source: Orfanidis, Introduction to Signal Processing, section 11.3 (as scipy.signal.iirnotch).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc import biquad
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams, single_values

LAG = 2


class Params(StepParams):
    """Centre, and quality = centre / bandwidth at -3 dB."""

    frequency_hz: float = Param(gt=0)
    quality: float = Param(30.0, gt=0.5, le=1000)


class Notch(Step):
    """Takes out one frequency."""

    summary = "IIR notch, one second-order section"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where the notch lies beyond half the sampling rate."""
        yield from single_values(signal)
        if params.frequency_hz >= signal.rate_hz / 2:
            yield Problem(
                "frequency_hz",
                "is not below half the sampling rate",
                expected=f"below {signal.rate_hz / 2:g} Hz",
                found=f"{params.frequency_hz:g} Hz",
            )

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return f"notch at {params.frequency_hz:g} Hz, quality {params.quality:g}, at {signal.rate_hz:g} Hz"

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shape of the peak filter's section: b0 b1 b2 a1 a2."""
        return {"sections": (1, 5)}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns the section of the peak filter behind the difference, in float32."""
        omega = 2 * np.pi * params.frequency_hz / signal.rate_hz
        gain = 1 / (1 + np.tan(omega / params.quality / 2))
        sos = np.array([[1 - gain, 0.0, 0.0, 1.0, -2 * gain * np.cos(omega), 2 * gain - 1]])
        return {"sections": biquad.rounded(sos, LAG, signal.rate_hz)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Takes what the peak filter finds from the signal."""
        return x - biquad.run(step.constants["sections"], LAG, x)

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filters with SciPy's own notch."""
        from scipy.signal import iirnotch, tf2sos

        b, a = iirnotch(step.params.frequency_hz, step.params.quality, fs=step.input.rate_hz)
        return biquad.run_float64(tf2sos(b, a), x)

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return biquad.fields(1, LAG)

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the lag of the difference and the number of sections."""
        return {"lag": LAG, "sections": 1}


STEP = Notch()

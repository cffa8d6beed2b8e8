"""Second-order notch, for mains hum.

It runs on the difference to the first sample, which is added again: equal to a state preloaded from
that sample, and more accurate in float32.
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
        """Returns the shape of the one section: b0 b1 b2 a1 a2."""
        return {"sections": (1, 5)}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns the section in float32."""
        omega = 2 * np.pi * params.frequency_hz / signal.rate_hz
        gain = 1 / (1 + np.tan(omega / params.quality / 2))
        middle = -2 * gain * np.cos(omega)
        sos = np.array([[gain, middle, gain, 1.0, middle, 2 * gain - 1]])
        return {"sections": biquad.rounded(sos, signal.rate_hz)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filters the difference to the first sample and adds that sample."""
        return biquad.run(step.constants["sections"], x - x[:1]) + x[:1]

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filters with SciPy's own notch."""
        from scipy.signal import iirnotch, tf2sos

        b, a = iirnotch(step.params.frequency_hz, step.params.quality, fs=step.input.rate_hz)
        return biquad.run_float64(tf2sos(b, a), x)

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("started", "uint32_t", comment="0 until the first sample"),
            Field("origin", "float", comment="the first sample"),
            Field("z", "float", (1, 2), "memory of the section"),
        )


STEP = Notch()

"""Butterworth band-pass as second-order sections.

It runs on the difference to the first sample. A band-pass has no gain at 0 Hz, so in exact arithmetic
this equals a filter whose state is preloaded from that sample; in float32 it is far more accurate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param
from pydantic import model_validator

from edgekit.errors import EnvironmentFailed, Problem
from edgekit.preproc import biquad
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams, single_values


class Params(StepParams):
    """Edges at -3 dB, and the order of the low-pass prototype (the band-pass has twice as many poles)."""

    low_hz: float = Param(gt=0)
    high_hz: float = Param(gt=0)
    order: int = Param(3, ge=1, le=8)

    @model_validator(mode="after")
    def _ordered(self) -> Params:
        if self.low_hz >= self.high_hz:
            raise ValueError(f"low_hz must be below high_hz; found {self.low_hz:g} and {self.high_hz:g}")
        return self


class Bandpass(Step):
    """Butterworth band-pass."""

    summary = "Butterworth band-pass, second-order sections"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where the band reaches beyond half the sampling rate."""
        yield from single_values(signal)
        if params.high_hz >= signal.rate_hz / 2:
            yield Problem(
                "high_hz",
                "is not below half the sampling rate",
                expected=f"below {signal.rate_hz / 2:g} Hz",
                found=f"{params.high_hz:g} Hz",
            )

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return (
            f"band-pass {params.low_hz:g} to {params.high_hz:g} Hz at {signal.rate_hz:g} Hz: "
            f"Butterworth, {params.order} second-order section{'s' if params.order > 1 else ''}"
        )

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shape of the sections: b0 b1 b2 a1 a2 each."""
        return {"sections": (params.order, 5)}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns the sections in float32."""
        return {"sections": biquad.rounded(_sos(params, signal), signal.rate_hz)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filters the difference to the first sample."""
        return biquad.run(step.constants["sections"], x - x[:1])

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filters with SciPy."""
        return biquad.run_float64(_sos(step.params, step.input), x)

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("started", "uint32_t", comment="0 until the first sample"),
            Field("origin", "float", comment="the first sample"),
            Field("z", "float", (step.params.order, 2), "memory of each section"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the number of sections."""
        return {"sections": step.params.order}


def _sos(params: Params, signal: Signal) -> NDArray[np.float64]:
    try:
        from scipy.signal import butter
    except ModuleNotFoundError as error:
        raise EnvironmentFailed(
            where="bandpass",
            what="is designed with SciPy, which is not installed",
            hint="pip install 'edgekit[train]'",
        ) from error
    return np.asarray(
        butter(params.order, [params.low_hz, params.high_hz], "bandpass", fs=signal.rate_hz, output="sos")
    )


STEP = Bandpass()

"""Butterworth band-pass: one of its zeros at 0 Hz as a difference, the rest as second-order sections."""

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

LAG = 1


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
        """Returns the sections behind the difference, in float32."""
        sos = _sos(params, signal)
        with_zero = next(i for i, b in enumerate(sos[:, :3]) if abs(b.sum()) < 1e-9 * abs(b).max())
        b0, b1, _ = sos[with_zero, :3]
        sos[with_zero, :3] = b0, b0 + b1, 0.0  # divided by 1 - 1/z
        return {"sections": biquad.rounded(sos, LAG, signal.rate_hz)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Filters."""
        return biquad.run(step.constants["sections"], LAG, x)

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filters with SciPy."""
        return biquad.run_float64(_sos(step.params, step.input), x)

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return biquad.fields(step.params.order, LAG)

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the lag of the difference and the number of sections."""
        return {"lag": LAG, "sections": step.params.order}


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

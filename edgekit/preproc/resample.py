"""Rational resampling with a polyphase Kaiser-windowed FIR filter.

The output m stands at input time m * down / up and is computed when the input sample at or before
that time has come, so the step is causal and delays by `zero_crossings` samples of the slower rate.
With x the newest sample it computes x + sum(tap * (sample - x)), so an offset, however large, costs no
accuracy; the history is filled with the first sample. Each phase has a gain of 1 at 0 Hz.
Sources: Crochiere and Rabiner, Multirate Digital Signal Processing, section 3.3; the window and length
are those of scipy.signal.resample_poly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams, single_values

MAX_TERM = 1000
MAX_HISTORY = 4096


class Params(StepParams):
    """Output rate; zero crossings of the sinc on each side; shape of the Kaiser window."""

    rate_hz: float = Param(gt=0, le=1e7)
    zero_crossings: int = Param(10, ge=1, le=64)
    beta: float = Param(5.0, ge=0, le=20)


class Resample(Step):
    """Changes the sampling rate."""

    summary = "polyphase rational resampling, Kaiser FIR"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault for a ratio whose table or history would be absurdly large."""
        yield from single_values(signal)
        up, down = _ratio(params, signal)
        change = f"{signal.rate_hz:.10g} Hz to {params.rate_hz:.10g} Hz"
        if max(up, down) > MAX_TERM:
            near = Fraction(up, down).limit_denominator(100)
            hint = (
                f"{float(signal.rate_hz * near):.10g} Hz would be {near}" if near else "choose a nearer rate"
            )
            yield Problem(
                "rate_hz",
                f"{change} is {up}/{down}, too long a filter",
                expected=f"a reduced ratio with both terms at most {MAX_TERM}",
                hint=hint,
            )
        elif _taps(params, up, down) > MAX_HISTORY:
            yield Problem(
                "rate_hz",
                f"{change} needs {_taps(params, up, down)} samples of history",
                expected=f"at most {MAX_HISTORY}",
                hint="resample in two steps, or lower zero_crossings",
            )

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        up, down = _ratio(params, signal)
        if up == down:
            return f"no resampling: the rate is {params.rate_hz:g} Hz already"
        return (
            f"resample {signal.rate_hz:g} Hz to {params.rate_hz:g} Hz ({up}/{down}): "
            f"Kaiser FIR, beta {params.beta:g}, {_taps(params, up, down)} taps in each of {up} phases"
        )

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns the signal at the new rate."""
        return Signal(params.rate_hz, signal.shape)

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shape of the taps."""
        up, down = _ratio(params, signal)
        return {} if up == down else {"taps": (up, _taps(params, up, down))}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns the taps, float32 [phase, tap]; tap 0 meets the newest sample."""
        up, down = _ratio(params, signal)
        if up == down:
            return {}
        half = params.zero_crossings * max(up, down)
        time = np.arange(-half, half + 1) / max(up, down)
        taps = _phases(np.sinc(time) * np.kaiser(2 * half + 1, params.beta), up)
        taps[np.abs(taps) < 1e-12] = 0.0  # zeros of the sinc, but for float64's rounding
        return {"taps": taps.astype(np.float32)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Sums each output from the newest sample to the oldest."""
        up, down = _ratio(step.params, step.input)
        if up == down:
            return x
        taps = step.constants["taps"]
        past = taps.shape[1] - 1
        history = np.concatenate([np.repeat(x[:1], past, axis=0), x])
        out = np.zeros((-(-len(x) * up // down), *x.shape[1:]), np.float32)
        for first in range(min(up, len(out))):  # outputs first, first + up, ... share a phase
            newest, phase = divmod(first * down, up)
            rows = out[first::up]
            newest_rows = x[newest::down][: len(rows)]
            for k, tap in enumerate(taps[phase]):
                rows += tap * (history[newest + past - k :: down][: len(rows)] - newest_rows)
            rows += newest_rows
        return out

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Filters with SciPy's upfirdn and a filter from SciPy's firwin."""
        from scipy.signal import firwin, upfirdn

        up, down = _ratio(step.params, step.input)
        if up == down or not len(x):
            return x
        size = 2 * step.params.zero_crossings * max(up, down) + 1
        taps = _phases(firwin(size, 1 / max(up, down), window=("kaiser", step.params.beta)), up)
        filled = np.concatenate([np.full(taps.shape[1] * down, x[0]), x])
        whole = upfirdn(taps.T.reshape(-1), filled, up, down)
        return np.asarray(whole[taps.shape[1] * up :][: -(-len(x) * up // down)])

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        if "taps" not in step.constants:
            return ()
        return (
            Field("started", "uint32_t", comment="0 until the first sample"),
            Field("next", "uint32_t", comment="time of the next output, in 1/up of an input sample"),
            Field("newest", "uint32_t", comment="place of the newest sample in history"),
            Field("history", "float", (step.constants["taps"].shape[1],), "the newest samples, a ring"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the ratio and the length of the history."""
        up, down = _ratio(step.params, step.input)
        return {"up": up, "down": down, "taps": _taps(step.params, up, down)}


def _ratio(params: Params, signal: Signal) -> tuple[int, int]:
    # repr: 62.4 means 624/10, not the binary fraction nearest to it.
    ratio = Fraction(repr(float(params.rate_hz))) / Fraction(repr(float(signal.rate_hz)))
    return ratio.numerator, ratio.denominator


def _taps(params: Params, up: int, down: int) -> int:
    return -(-(2 * params.zero_crossings * max(up, down) + 1) // up)


def _phases(taps: NDArray[np.float64], up: int) -> NDArray[np.float64]:
    """Deals taps out to phases, [phase, tap], and gives each phase a gain of 1."""
    padded = np.pad(taps, (0, -len(taps) % up))
    phases = padded.reshape(-1, up).T
    return np.asarray(phases / phases.sum(axis=1, keepdims=True))


STEP = Resample()

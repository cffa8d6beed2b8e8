"""Cuts the stream into overlapping, weighted windows: the first half of a short-time Fourier transform.

The weights are periodic, w[k] = a - (1 - a) cos(2 pi k / n): a = 0.5 is Hann's, 0.54 Hamming's.
Source: Harris, On the Use of Windows for Harmonic Analysis with the Discrete Fourier Transform, 1978.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams, single_values

MAX_SAMPLES = 4096
_A = {"hann": 0.5, "hamming": 0.54, "rectangular": 1.0}


class Params(StepParams):
    """Samples of a window, from the start of one to the start of the next, and its shape."""

    samples: int = Param(ge=2, le=MAX_SAMPLES)
    hop: int = Param(ge=1, le=MAX_SAMPLES)
    shape: Literal["hann", "hamming", "rectangular"] = "hann"


class Window(Step):
    """Overlapping windows; the newest samples lie in a ring, in the type in which they come."""

    summary = "overlapping windows (Hann, Hamming or rectangular) from a ring of samples"
    memory = "buffer"
    raw = True
    full_scale = "weights"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no samples, or samples would be left out."""
        yield from single_values(signal)
        if params.hop > params.samples:
            yield Problem("hop", "is longer than the window", f"<= {params.samples}", str(params.hop))

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        length, hop = 1e3 * params.samples / signal.rate_hz, 1e3 * params.hop / signal.rate_hz
        return (
            f"window of {params.samples} ({length:g} ms), a new one every {params.hop} ({hop:g} ms): "
            f"{params.shape}{', periodic' if params.shape != 'rectangular' else ''}"
        )

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns windows as items."""
        return Signal(signal.rate_hz / params.hop, (params.samples,), "time", signal.rate_hz)

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shape of the weights; a rectangular window has none."""
        return {} if params.shape == "rectangular" else {"weights": (params.samples,)}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns the weights in float32."""
        return {name: _weights(params).astype(np.float32) for name in self.shapes(params, signal)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cuts whole windows; a rest at the end is left out."""
        windows = _windows(step.params, x)
        weights = step.constants.get("weights")
        return np.ascontiguousarray(windows) if weights is None else windows * weights

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cuts whole windows and weights them."""
        return np.asarray(_windows(step.params, x[:, None])[:, 0] * _weights(step.params))

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("at", "uint32_t", comment="where the next sample goes: the oldest lies there"),
            Field("count", "uint32_t", comment="samples since a window was due, and those of the first"),
            Field("ring", "input", (step.params.samples,), "the newest samples"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns its lengths."""
        return {
            "samples": step.params.samples,
            "hop": step.params.hop,
            "weighted": int(bool(step.constants)),
            "unroll": math.gcd(step.params.samples, step.params.hop, 4),  # a window starts at such a place
        }


def _windows(params: Params, x: NDArray[Any]) -> NDArray[Any]:
    """Returns a view [windows, batch, samples] of x [items, batch]."""
    if len(x) < params.samples:
        return np.zeros((0, x.shape[1], params.samples), x.dtype)
    return np.lib.stride_tricks.sliding_window_view(x, params.samples, axis=0)[:: params.hop]


def _weights(params: Params) -> NDArray[np.float64]:
    a = _A[params.shape]
    return np.asarray(a - (1 - a) * np.cos(2 * np.pi * np.arange(params.samples) / params.samples))


STEP = Window()

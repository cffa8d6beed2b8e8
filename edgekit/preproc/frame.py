"""Collects items into overlapping frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams

MAX_VALUES = 1 << 20


class Params(StepParams):
    """Items of a frame, and items from the start of one frame to the start of the next."""

    samples: int = Param(ge=1, le=MAX_VALUES)
    hop: int = Param(ge=1, le=1 << 24)


class Frame(Step):
    """Cuts the stream into frames; a hop beyond the frame's length leaves items out."""

    summary = "frames with a hop"
    kind = "collect"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where a frame of wide items is too large."""
        values = params.samples * signal.width
        if values > MAX_VALUES:
            yield Problem("samples", "the frame is too large", f"<= {MAX_VALUES} values", str(values))

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        length, hop = params.samples / signal.rate_hz, params.hop / signal.rate_hz
        return f"frame of {params.samples} ({length:g} s), a new one every {params.hop} ({hop:g} s)"

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns frames as items."""
        rate_hz, shape = signal.rate_hz / params.hop, (params.samples, *signal.shape)
        if signal.shape == ():
            return Signal(rate_hz, shape, "time", signal.rate_hz)
        return Signal(rate_hz, shape, signal.axis, signal.axis_hz)

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cuts whole frames; a rest at the end is left out."""
        return _frames(step.params, x)

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Cuts whole frames."""
        return _frames(step.params, x[:, None])[:, 0]

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C; one pushed sample may bring more than the last missing item."""
        room = (step.params.samples + burst - 1) * step.input.width
        return (
            Field("count", "uint32_t", comment="items in the buffer"),
            Field("skip", "uint32_t", comment="items to leave out before the next frame"),
            Field("values", "held", (room,), "the frame, oldest item first"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns its lengths."""
        return {"samples": step.params.samples, "hop": step.params.hop, "width": step.input.width}


def _frames(params: Params, x: NDArray[Any]) -> NDArray[Any]:
    if len(x) < params.samples:
        return np.zeros((0, x.shape[1], params.samples, *x.shape[2:]), x.dtype)
    windows = np.lib.stride_tricks.sliding_window_view(x, params.samples, axis=0)[:: params.hop]
    return np.ascontiguousarray(np.moveaxis(windows, -1, 2))


STEP = Frame()

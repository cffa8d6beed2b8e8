"""Brings each frame to mean 0 and standard deviation 1: z = (x - mean) / (std + epsilon).

With d = x - x[0] (so that an offset costs no accuracy), n values, all in float32:
mean = sum(d) / n, std = sqrt(sum((d - mean)^2) / n), z = (d - mean) / (std + epsilon).
A sum adds blocks of 32 values one after the other, each block from 0, and then the blocks' sums in
order. A flat frame gives zeros.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.preproc.base import DesignedStep, Field, Signal, Step, StepParams

BLOCK = 32


class Params(StepParams):
    """What is added to the standard deviation, in units of the signal."""

    epsilon: float = Param(0.01, gt=0)


class ZNorm(Step):
    """Normalises a frame."""

    summary = "z-normalise each frame"
    kind = "frame"
    Params = Params

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return f"z-normalise the frame: (x - mean) / (std + {params.epsilon:g})"

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Normalises frames, whatever their shape, over all values."""
        flat = x.reshape(*x.shape[:2], step.input.width)
        count = np.float32(step.input.width)
        difference = flat - flat[..., :1]
        mean = _sum(difference) / count
        centred = difference - mean[..., None]
        std = np.sqrt(_sum(centred * centred) / count)
        divisor = std + np.float32(step.params.epsilon)
        return np.asarray((centred / divisor[..., None]).reshape(x.shape))

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Normalises frames as NumPy does."""
        axes = tuple(range(1, x.ndim))
        std = x.std(axis=axes, keepdims=True)
        return np.asarray((x - x.mean(axis=axes, keepdims=True)) / (std + step.params.epsilon))

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("origin", "float", comment="first value of the frame"),
            Field("mean", "float", comment="mean of value - origin"),
            Field("divisor", "float", comment="standard deviation + epsilon"),
        )

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns its constants."""
        return {"count": step.input.width, "epsilon": step.params.epsilon, "block": BLOCK}


def _sum(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums the last axis, float32, block by block."""
    outer, count = values.shape[:-1], values.shape[-1]
    short = -count % BLOCK
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, short)])
    blocks = padded.reshape(*outer, (count + short) // BLOCK, BLOCK)
    partial = np.zeros((*outer, (count + short) // BLOCK), np.float32)
    for i in range(BLOCK):
        partial += blocks[..., i]
    total = np.zeros(outer, np.float32)
    for i in range(partial.shape[-1]):
        total += partial[..., i]
    return total


STEP = ZNorm()

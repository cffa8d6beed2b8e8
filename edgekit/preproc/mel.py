"""Mel bands: overlapping triangles over the bins of a spectrum, held as a sparse table.

Scales: `htk` 2595 log10(1 + f / 700) (Young et al., The HTK Book, section 5.4); `slaney` linear below
1000 Hz, logarithmic above (Slaney, Auditory Toolbox, 1998). The sides of a triangle are straight over
frequency (librosa, torchaudio), or over mel (HTK, TensorFlow, VGGish, YAMNet, FRILL; DC is then left out).
Norm `slaney` divides each band by half its width in Hz, so that all have the same area.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param
from pydantic import model_validator

from edgekit.errors import Problem
from edgekit.preproc.base import CType, DesignedStep, Signal, Step, StepParams, rows_of

MAX_BANDS = 512
_BREAK_HZ, _PER_HZ, _LOG_STEP = 1000.0, 3 / 200, np.log(6.4) / 27  # Slaney's scale


class Params(StepParams):
    """Bands, their range, and the shape of the triangles."""

    bands: int = Param(64, ge=1, le=MAX_BANDS)
    low_hz: float = Param(125.0, ge=0)
    high_hz: float = Param(7500.0, gt=0)
    scale: Literal["htk", "slaney"] = "htk"
    norm: Literal["none", "slaney"] = "none"
    sides: Literal["mel", "hz"] = "mel"

    @model_validator(mode="after")
    def _ordered(self) -> Params:
        if self.low_hz >= self.high_hz:
            raise ValueError(f"low_hz must be below high_hz; found {self.low_hz:g} and {self.high_hz:g}")
        return self


class Mel(Step):
    """Rows of bins in, rows of mel bands out: each the weighted sum of neighbouring bins."""

    summary = "mel bands of a spectrum, HTK's or Slaney's scale, as a sparse table"
    memory = "buffer"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no spectra, a band lies outside them, or between two bins."""
        faults = list(rows_of(signal, "frequency"))
        nyquist = signal.axis_hz * (signal.width - 1)
        if not faults and params.high_hz > nyquist:
            faults.append(
                Problem(
                    "high_hz", "is above half the sampling rate", f"<= {nyquist:g} Hz", f"{params.high_hz:g}"
                )
            )
        if not faults and (empty := np.flatnonzero(~_matrix(params, signal).any(axis=1))).size:
            faults.append(
                Problem(
                    "bands",
                    f"{empty.size} of them lie between two bins and would always be 0",
                    found=f"the first is band {empty[0]}",
                    hint="fewer bands, a longer 'rfft', or a higher low_hz",
                )
            )
        yield from faults

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        return (
            f"{params.bands} mel bands, {params.low_hz:g} to {params.high_hz:g} Hz: {params.scale} scale, "
            f"norm {params.norm}, sides straight over {params.sides}"
        )

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns rows of bands."""
        return Signal(signal.rate_hz, (params.bands,), "mel")

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shapes of the sparse table."""
        return {name: values.shape for name, values in self.design(params, signal).items()}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns first bin and number of bins of each band, and all weights, band after band."""
        matrix = _matrix(params, signal)
        first = (matrix > 0).argmax(axis=1)
        count = matrix.shape[1] - (matrix > 0)[:, ::-1].argmax(axis=1) - first
        weights = [row[i : i + n] for row, i, n in zip(matrix, first, count, strict=True)]
        return {
            "bins": np.stack([first, count], axis=1).astype(np.int32),
            "weights": np.concatenate(weights).astype(np.float32),
        }

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Adds the weighted bins of each band from the lowest on; behind its last, zeros change nothing."""
        first, count = step.constants["bins"].T
        start = np.cumsum(count) - count
        flat = step.constants["weights"]
        out = np.zeros((*x.shape[:-1], len(first)), np.float32)
        for k in range(int(count.max())):
            some = np.flatnonzero(count > k)
            out[..., some] += flat[start[some] + k] * x[..., first[some] + k]
        return out

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multiplies by the whole matrix."""
        return np.asarray(x @ _matrix(step.params, step.input).T)

    def ctypes(self, step: DesignedStep) -> Mapping[str, CType]:
        """Returns the small type of places among the bins."""
        return {"bins": "uint16_t"}

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns the number of bands."""
        return {"bands": step.params.bands}


def _matrix(params: Params, signal: Signal) -> NDArray[np.float64]:
    """Returns the weights [bands, bins]."""
    to_mel, to_hz = _SCALES[params.scale]
    frequencies = signal.axis_hz * np.arange(signal.width)
    edges_mel = np.linspace(to_mel(params.low_hz), to_mel(params.high_hz), params.bands + 2)
    edges_hz = to_hz(edges_mel)
    edges, at = (edges_mel, to_mel(frequencies)) if params.sides == "mel" else (edges_hz, frequencies)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    matrix = np.maximum(0, np.minimum((at - low) / (centre - low), (high - at) / (high - centre)))
    if params.sides == "mel":
        matrix[:, 0] = 0
    if params.norm == "slaney":
        matrix *= (2 / (edges_hz[2:] - edges_hz[:-2]))[:, None]
    return np.asarray(matrix)


def _htk(hz: Any) -> Any:
    return 2595 * np.log10(1 + np.asarray(hz) / 700)


def _htk_hz(mel: Any) -> Any:
    return 700 * (10 ** (np.asarray(mel) / 2595) - 1)


def _slaney(hz: Any) -> Any:
    hz = np.asarray(hz, np.float64)
    above = np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(hz < _BREAK_HZ, hz * _PER_HZ, _BREAK_HZ * _PER_HZ + above)


def _slaney_hz(mel: Any) -> Any:
    mel = np.asarray(mel, np.float64)
    above = _BREAK_HZ * np.exp(_LOG_STEP * (np.maximum(mel, 15) - 15))
    return np.where(mel < _BREAK_HZ * _PER_HZ, mel / _PER_HZ, above)


_SCALES = {"htk": (_htk, _htk_hz), "slaney": (_slaney, _slaney_hz)}
STEP = Mel()

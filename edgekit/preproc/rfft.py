"""The spectrum of each window: real Fourier transform, in place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param

from edgekit.errors import Problem
from edgekit.preproc import fourier
from edgekit.preproc.base import CType, DesignedStep, Signal, Step, StepParams, rows_of

MIN_LENGTH, MAX_LENGTH = 8, 4096


class Params(StepParams):
    """Length of the transform, a power of two; 0: the next one from the window's length on."""

    length: int = Param(0, ge=0, le=MAX_LENGTH)


class Rfft(Step):
    """Real Fourier transform of radix 4; a shorter window is filled up with zeros at its end."""

    summary = "real Fourier transform of each window, radix 4, in place"
    memory = "in-place"
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no windows, or the length does not fit them."""
        yield from rows_of(signal, "time")
        n = _length(params, signal)
        if n & (n - 1) or not max(MIN_LENGTH, signal.width) <= n <= MAX_LENGTH:
            yield Problem(
                "length",
                "is no length for this window",
                f"a power of two, {MIN_LENGTH} to {MAX_LENGTH}, not below the window's {signal.width}",
                str(n),
            )

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        n = _length(params, signal)
        tables = 4 * fourier.sines_length(n) + 2 * (2 if n > 512 else 1) * len(fourier.swaps(n))
        radix = "4 and 2" if n.bit_length() % 2 else "4"
        return (
            f"real Fourier transform of {n}: {n // 2 + 1} bins of {signal.axis_hz / n:g} Hz, "
            f"radix {radix}, tables of {tables} bytes"
        )

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns packed spectra as items."""
        n = _length(params, signal)
        return Signal(signal.rate_hz, (n,), "spectrum", signal.axis_hz / n)

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shapes of sines and swaps."""
        n = _length(params, signal)
        return {"sines": (fourier.sines_length(n),), "swaps": fourier.swaps(n).shape}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns sines, and the pairs that change places."""
        n = _length(params, signal)
        return {"sines": fourier.sines(n).astype(np.float32), "swaps": fourier.swaps(n)}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Transforms windows."""
        n = step.output.width
        rows = x.reshape(-1, x.shape[-1])
        return fourier.rfft(rows, n, step.constants["sines"]).reshape(*x.shape[:-1], n)

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Transforms windows with NumPy."""
        n = step.output.width
        spectrum = np.fft.rfft(x, n, axis=-1)
        out = np.empty((len(x), n))
        out[:, 0], out[:, 1] = spectrum[:, 0].real, spectrum[:, -1].real
        out[:, 2::2], out[:, 3::2] = spectrum[:, 1:-1].real, spectrum[:, 1:-1].imag
        return out

    def ctypes(self, step: DesignedStep) -> Mapping[str, CType]:
        """Returns the small type that holds a place among n/2."""
        return {"swaps": "uint16_t" if step.output.width > 512 else "uint8_t"}

    def numbers(self, step: DesignedStep) -> Mapping[str, int | float]:
        """Returns its lengths; whether a stage of radix 2 comes first."""
        n = step.output.width
        return {
            "length": n,
            "given": step.input.width,
            "swaps": len(step.constants["swaps"]),
            "radix2": n.bit_length() % 2,
        }


def _length(params: Params, signal: Signal) -> int:
    return params.length or 1 << max(3, (max(1, signal.width) - 1).bit_length())


STEP = Rfft()

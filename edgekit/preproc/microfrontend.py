"""The audio front end of TensorFlow Lite Micro, in integers, with its numbers.

Windows, a 16-bit fixed-point Fourier transform, mel bands, square roots, noise reduction, gain control
(PCAN) and a logarithm, each of which gives what tensorflow/lite/experimental/microfrontend gives; rows hold
its 16-bit values as float32. Integers are its definition: nothing depends on a compiler's float operations.
Source: TensorFlow Lite, experimental/microfrontend; Lyon, Human and Machine Hearing, for PCAN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Param
from pydantic import model_validator

from edgekit.errors import Problem
from edgekit.preproc import fixed_fourier
from edgekit.preproc import microfrontend_tables as tables_of
from edgekit.preproc.base import CType, DesignedStep, Field, Signal, Step, StepParams, single_values

_NOISE_BITS, _SNR_BITS, _GAIN_BITS = 14, 12, 6
_LN2 = 45426  # ln(2) with 16 fractional bits
_ROWS = 512  # windows that are transformed together


class Params(StepParams):
    """Windows, bands, noise reduction, gain control and logarithm, with the defaults of the original."""

    samples: int = Param(480, ge=16, le=4096)
    hop: int = Param(320, ge=1, le=4096)
    bands: int = Param(40, ge=1, le=256)
    low_hz: float = Param(125.0, ge=0)
    high_hz: float = Param(7500.0, gt=0)
    smoothing_bits: int = Param(10, ge=0, le=14)
    even_smoothing: float = Param(0.025, ge=0, le=1)
    odd_smoothing: float = Param(0.06, ge=0, le=1)
    min_signal_remaining: float = Param(0.05, ge=0, le=1)
    pcan: bool = True
    pcan_strength: float = Param(0.95, ge=0, le=1)
    pcan_offset: float = Param(80.0, gt=0)
    gain_bits: int = Param(21, ge=18, le=30)
    log: bool = True
    scale_shift: int = Param(6, ge=0, le=12)

    @model_validator(mode="after")
    def _ordered(self) -> Params:
        if self.low_hz >= self.high_hz:
            raise ValueError(f"low_hz must be below high_hz; found {self.low_hz:g} and {self.high_hz:g}")
        return self


class Microfrontend(Step):
    """Samples in, rows of 16-bit features out."""

    summary = "the integer front end of TensorFlow Lite Micro: mel bands, noise reduction, PCAN, logarithm"
    memory = "buffer"
    raw = True
    Params = Params

    def check(self, params: Any, signal: Signal) -> Iterator[Problem]:
        """Yields a fault where items are no samples, or windows and bands do not fit them."""
        yield from single_values(signal)
        if params.hop > params.samples:
            yield Problem("hop", "is longer than the window", f"<= {params.samples}", str(params.hop))
        if params.high_hz >= signal.rate_hz / 2:
            expected = f"below {signal.rate_hz / 2:g} Hz"
            yield Problem(
                "high_hz", "is not below half the sampling rate", expected, f"{params.high_hz:g} Hz"
            )
        correction = _correction(params)
        if params.gain_bits - correction < _SNR_BITS or params.smoothing_bits < correction:
            yield Problem("smoothing_bits", "is too small for this window", f">= {correction}")

    def describe(self, params: Any, signal: Signal) -> str:
        """Returns one line."""
        length, hop = 1e3 * params.samples / signal.rate_hz, 1e3 * params.hop / signal.rate_hz
        then = [f"{params.bands} mel bands, {params.low_hz:g} to {params.high_hz:g} Hz", "noise reduction"]
        then += ["PCAN"] * params.pcan + ["logarithm"] * params.log
        return (
            f"microfrontend, windows of {params.samples} ({length:g} ms) every {params.hop} ({hop:g} ms): "
            f"{', '.join(then)}"
        )

    def output(self, params: Any, signal: Signal) -> Signal:
        """Returns rows of features."""
        return Signal(signal.rate_hz / params.hop, (params.bands,), "mel")

    def shapes(self, params: Any, signal: Signal) -> Mapping[str, tuple[int, ...]]:
        """Returns the shapes of all tables."""
        return {name: values.shape for name, values in self.design(params, signal).items()}

    def design(self, params: Any, signal: Signal) -> Mapping[str, NDArray[Any]]:
        """Returns window, tables of the transform, bands, gains, and the logarithm's correction."""
        half = _length(params) // 2
        tables: dict[str, NDArray[Any]] = {
            "window": tables_of.window(params.samples),
            "swaps": fixed_fourier.swaps(half),
            "twiddles": fixed_fourier.twiddles(half),
            "super_twiddles": fixed_fourier.super_twiddles(half),
            **tables_of.bands(params.bands, params.low_hz, params.high_hz, signal.rate_hz, _length(params)),
        }
        if params.pcan:
            noise_bits = params.smoothing_bits - _correction(params)
            tables["gains"] = tables_of.gains(
                params.pcan_strength, params.pcan_offset, params.gain_bits, noise_bits
            )
        if params.log:
            tables["segments"] = tables_of.segments()
        return {name: values.astype(np.int32) for name, values in tables.items()}

    def run(self, step: DesignedStep, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Runs the transforms of many windows at once, then the bands row after row."""
        p, tables = step.params, dict(step.constants)
        scaled = x * np.float32(32768)
        samples = np.clip(np.trunc(scaled + np.copysign(np.float32(0.5), scaled)), -32768, 32767)
        count = max(0, (len(x) - p.samples) // p.hop + 1)
        out = np.zeros((count, x.shape[1], p.bands), np.float32)
        if not count:
            return out
        windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.int16), p.samples, axis=0)
        flat = windows[:: p.hop].reshape(-1, p.samples)
        first = tables_of.first_bin(p.low_hz, step.input.rate_hz, _length(p))
        energies = np.concatenate(
            [_roots(flat[i : i + _ROWS], p, tables, first) for i in range(0, len(flat), _ROWS)]
        )
        estimate = np.zeros((x.shape[1], p.bands), np.int64)
        for row, signal in zip(out, energies.reshape(count, x.shape[1], p.bands), strict=True):
            signal, estimate = _denoised(signal, estimate, p)
            if p.pcan:
                levelled = signal * _wide(estimate, tables["gains"]) >> _numbers(p)["snr_shift"]
                signal = _shrunk(levelled & 0xFFFFFFFF)
            row[...] = np.minimum(_logged(signal, p, tables) if p.log else signal, 65535)
        return out

    def run_float64(self, step: DesignedStep, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Runs the same integers: they are the definition."""
        return self.run(step, x[:, None].astype(np.float32))[:, 0].astype(np.float64)

    def fields(self, step: DesignedStep, burst: int) -> Sequence[Field]:
        """Returns the state in C."""
        return (
            Field("at", "uint32_t", comment="where the next sample goes: the oldest lies there"),
            Field("count", "uint32_t", comment="samples since a window was due, and those of the first"),
            Field("estimate", "uint32_t", (step.params.bands,), "of the noise in each band"),
            Field(
                "memory", "int16_t", (step.params.samples + _length(step.params),), "the ring, the transform"
            ),
        )

    def ctypes(self, step: DesignedStep) -> Mapping[str, CType]:
        """Returns the small types of the tables."""
        names = ("window", "twiddles", "super_twiddles", "gains", "segments")
        places: CType = "uint16_t" if _length(step.params) > 512 else "uint8_t"
        return {
            **dict.fromkeys(names, "int16_t"),
            "swaps": places,
            "widths": "uint16_t",
            "weights": "uint16_t",
        }

    def numbers(self, step: DesignedStep) -> Mapping[str, Any]:
        """Returns what the template computes with."""
        p, swaps = step.params, len(step.constants["swaps"])
        first = tables_of.first_bin(p.low_hz, step.input.rate_hz, _length(p))
        return _numbers(step.params) | {"first": first, "swaps": swaps}


def _length(params: Params) -> int:
    return 1 << (params.samples - 1).bit_length()


def _correction(params: Params) -> int:
    return _length(params).bit_length() - 1 - tables_of.BAND_BITS // 2


def _numbers(params: Params) -> dict[str, int]:
    correction = _correction(params)
    return {
        "samples": params.samples,
        "hop": params.hop,
        "length": _length(params),
        "radix2": _length(params).bit_length() % 2,
        "bands": params.bands,
        "smoothing_bits": params.smoothing_bits,
        "even": int(np.float32(params.even_smoothing) * np.float32(1 << _NOISE_BITS)),
        "odd": int(np.float32(params.odd_smoothing) * np.float32(1 << _NOISE_BITS)),
        "remaining": int(np.float32(params.min_signal_remaining) * np.float32(1 << _NOISE_BITS)),
        "pcan": int(params.pcan),
        "snr_shift": params.gain_bits - correction - _SNR_BITS,
        "log": int(params.log),
        "correction": correction,
        "scale_shift": params.scale_shift,
        "ln2": _LN2,
    }


def _roots(
    windows: NDArray[np.int16], p: Params, tables: dict[str, NDArray[Any]], first: int
) -> NDArray[np.int64]:
    """Returns the root of each band's energy, int64 [windows, bands]; `first` is the first bin."""
    weighted = ((windows.astype(np.int32) * tables["window"]) >> tables_of.WINDOW_BITS).astype(np.int16)
    peak = np.abs(weighted).max(axis=1).astype(np.int64)
    shift = 15 - _bits(peak)
    x = np.zeros((_length(p), len(windows)), np.int16)
    x[: p.samples] = (weighted.astype(np.int64) << shift[:, None]).astype(np.int16).T
    real, imag = fixed_fourier.rfft(x, tables)
    count = len(tables["weights"])
    energy = (real.astype(np.int64) ** 2 + imag.astype(np.int64) ** 2)[first : first + count]
    edges = np.concatenate([[0], np.cumsum(tables["widths"])])
    work = np.zeros((p.bands + 1, len(windows)), np.int64)
    for k in range(p.bands + 1):
        some = slice(edges[k], edges[k + 1])
        falling, rising = (energy[some] * tables["weights"][some, i][:, None] for i in (0, 1))
        work[k] += falling.sum(axis=0)
        if k < p.bands:
            work[k + 1] += rising.sum(axis=0)
    return (_root(work[1:]) >> shift).T


def _root(x: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the nearest integer to the root; 65535 at most below 2^32."""
    root = np.sqrt(x.astype(np.float64)).astype(np.int64)
    root += x > root * root + root
    root -= (root > 0) & (x <= root * root - root)
    return np.where((x < 1 << 32) & (root > 65535), 65535, root)


def _bits(x: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the number of bits of non-negative integers below 2^53."""
    return np.frexp(x.astype(np.float64))[1].astype(np.int64)


def _denoised(signal: Any, estimate: Any, p: Params) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Subtracts the noise, a mean over time, and returns it as well."""
    n = _numbers(p)
    smoothing = np.where(np.arange(p.bands) % 2, n["odd"], n["even"])
    scaled = (signal << p.smoothing_bits) & 0xFFFFFFFF
    estimate = (scaled * smoothing + estimate * ((1 << _NOISE_BITS) - smoothing)) >> _NOISE_BITS
    subtracted = (scaled - np.minimum(estimate, scaled)) >> p.smoothing_bits
    return np.maximum(subtracted, (signal * n["remaining"]) >> _NOISE_BITS), estimate


def _wide(x: NDArray[np.int64], table: NDArray[Any]) -> NDArray[np.int64]:
    """Returns the gains for estimates of the noise."""
    interval = _bits(x)
    at = np.maximum(4 * interval - 6, 0)
    shifted = np.where(interval < 11, x << np.maximum(11 - interval, 0), x >> np.maximum(interval - 11, 0))
    part = shifted & 0x3FF
    slope, bend = table[np.minimum(at + 1, 124)].astype(np.int64), table[np.minimum(at + 2, 124)]
    curve = ((((bend.astype(np.int64) * part) >> 5) + slope * 32) * part + (1 << 14)) >> 15
    return np.where(x <= 2, table[np.minimum(x, 2)], (table[at] + curve).astype(np.int16)).astype(np.int64)


def _shrunk(x: NDArray[np.int64]) -> NDArray[np.int64]:
    small = (x * x) >> (2 + 2 * _SNR_BITS - _GAIN_BITS)
    return np.where(x < 2 << _SNR_BITS, small, (x >> (_SNR_BITS - _GAIN_BITS)) - (1 << _GAIN_BITS))


def _logged(x: NDArray[np.int64], p: Params, tables: dict[str, NDArray[Any]]) -> NDArray[np.int64]:
    """Returns ln x with `scale_shift` fractional bits."""
    correction = _correction(p)
    x = (x << correction) & 0xFFFFFFFF if correction >= 0 else x >> -correction
    whole = np.maximum(_bits(x) - 1, 0)
    part = x - (1 << whole)
    part = np.where(whole < 16, part << np.maximum(16 - whole, 0), part >> np.maximum(whole - 16, 0))
    segment = np.clip(part >> 9, 0, 127)
    low, high = (tables["segments"][segment + i].astype(np.int64) for i in (0, 1))
    log2 = (whole << 16) + part + low + (((high - low) * (part - 512 * segment)) >> 16)
    ln = (_LN2 * log2 + 32768) >> 16
    return np.where(x > 1, ((ln << p.scale_shift) + 32768) >> 16, 0)


STEP = Microfrontend()

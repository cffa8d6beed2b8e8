"""Recursive filters without gain at 0 Hz, in float32: a difference, then second-order sections.

The zero at 0 Hz stands first, as the difference x[n] - x[n - lag], which float32 gives exactly or nearly
so; the sections behind it never see an offset, however large, and come to rest where the signal does.
The difference starts from a past that equals the first sample, and the sections start from rest: in
exact arithmetic a filter whose state is preloaded from the first sample.

Sections are in transposed direct form II: y = b0 x + z1, z1 = (b1 x - a1 y) + z2, z2 = b2 x - a2 y.
Source: Oppenheim and Schafer, Discrete-Time Signal Processing, section 6.3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError
from edgekit.preproc.base import Field

MAX_ERROR = 0.01  # of the pass band's gain


def rounded(sos: NDArray[np.float64], lag: int, rate_hz: float) -> NDArray[np.float32]:
    """Returns sections as float32 coefficients if the filter survives the rounding.

    Args:
        sos: float64 [sections, 6] as b0 b1 b2 a0 a1 a2, with a0 = 1; those behind the difference.
        lag: Lag of the difference.
        rate_hz: Sampling rate.

    Returns:
        float32 [sections, 5]: b0 b1 b2 a1 a2.

    Raises:
        InputError: Rounded, it is unstable, or its response moves by more than 1 %.
    """
    short = np.delete(sos, 3, axis=1).astype(np.float32)
    wide = np.insert(short.astype(np.float64), 3, 1.0, axis=1)
    radius = max(float(np.abs(np.roots(section[3:])).max()) for section in wide)
    powers = np.exp(-2j * np.pi * np.outer(np.arange(3), np.geomspace(1e-5, 0.5, 4096)))
    error = float(np.abs((1 - powers[lag]) * (_response(wide, powers) - _response(sos, powers))).max())
    if radius >= 1.0 or error > MAX_ERROR:
        raise InputError(
            what=f"the filter is too narrow, or too low for {rate_hz:g} Hz, for float32",
            expected=f"stable, and a response within {MAX_ERROR:g} of the ideal one",
            found=f"largest pole {radius:.7f}, response off by {error:.2g}",
            hint="resample to a lower rate first, widen the band or lower the order",
        )
    return short


def run(sections: NDArray[np.float32], lag: int, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Filters in float32, in the order of the C.

    Args:
        sections: float32 [sections, 5]
        lag: Lag of the difference.
        x: float32 [items, batch]

    Returns:
        float32 [items, batch]
    """
    out: NDArray[np.float32] = x - np.concatenate([np.repeat(x[:1], lag, axis=0), x[:-lag]])[: len(x)]
    rest = np.zeros(x.shape[1:], np.float32)
    cascade = [(*section, rest.copy(), rest.copy()) for section in sections]
    for i, value in enumerate(out):
        for b0, b1, b2, a1, a2, z1, z2 in cascade:
            y = b0 * value + z1
            np.subtract(b1 * value, a1 * y, out=z1)
            np.add(z1, z2, out=z1)
            np.subtract(b2 * value, a2 * y, out=z2)
            value = y
        out[i] = value
    return out


def run_float64(sos: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filters [items] with SciPy, its state preloaded from the first sample; `sos` is the whole filter."""
    from scipy.signal import sosfilt, sosfilt_zi

    if not len(x):
        return x
    y, _ = sosfilt(sos, x, zi=sosfilt_zi(sos) * x[0])
    return np.asarray(y)


def fields(sections: int, lag: int) -> Sequence[Field]:
    """Returns the state in C, as templates/preproc/biquad.c.j2 uses it."""
    return (
        Field("started", "uint32_t", comment="0 until the first sample"),
        Field("past", "float", (lag,), "samples before, newest first"),
        Field("z", "float", (sections, 2), "memory of each section"),
    )


def _response(sos: NDArray[np.float64], powers: NDArray[np.complex128]) -> NDArray[np.complex128]:
    return np.asarray(np.prod((sos[:, :3] @ powers) / (sos[:, 3:] @ powers), axis=0))

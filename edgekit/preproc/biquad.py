"""Cascades of second-order sections in float32, shared by the recursive filters.

Transposed direct form II: y = b0 x + z1, z1 = (b1 x - a1 y) + z2, z2 = b2 x - a2 y.
Source: Oppenheim and Schafer, Discrete-Time Signal Processing, section 6.3.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError

MAX_ERROR = 0.01  # of the pass band's gain


def rounded(sos: NDArray[np.float64], rate_hz: float) -> NDArray[np.float32]:
    """Returns sections as float32 coefficients if the filter survives the rounding.

    Args:
        sos: float64 [sections, 6] as b0 b1 b2 a0 a1 a2, with a0 = 1.
        rate_hz: Sampling rate.

    Returns:
        float32 [sections, 5]: b0 b1 b2 a1 a2.

    Raises:
        InputError: Rounded, it is unstable, or its response moves by more than 1 %.
    """
    short = np.delete(sos, 3, axis=1).astype(np.float32)
    wide = np.insert(short.astype(np.float64), 3, 1.0, axis=1)
    radius = max(float(np.abs(np.roots(section[3:])).max()) for section in wide)
    frequencies = np.geomspace(rate_hz * 1e-5, rate_hz / 2, 4096)
    error = float(
        np.abs(_response(wide, frequencies / rate_hz) - _response(sos, frequencies / rate_hz)).max()
    )
    if radius >= 1.0 or error > MAX_ERROR:
        raise InputError(
            what="the filter is too narrow, or too low for its rate, for float32",
            expected=f"stable, and a response within {MAX_ERROR:g} of the ideal one",
            found=f"largest pole {radius:.7f}, response off by {error:.2g}",
            hint="resample to a lower rate first, widen the band or lower the order",
        )
    return short


def run(sos: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Filters from rest, in float32, in the order of the C.

    Args:
        sos: float32 [sections, 5]
        x: float32 [items, batch]

    Returns:
        float32 [items, batch]
    """
    out = np.empty_like(x)
    sections = [
        (*section, np.zeros(x.shape[1:], np.float32), np.zeros(x.shape[1:], np.float32)) for section in sos
    ]
    for i, value in enumerate(x):
        for b0, b1, b2, a1, a2, z1, z2 in sections:
            y = b0 * value + z1
            np.subtract(b1 * value, a1 * y, out=z1)
            np.add(z1, z2, out=z1)
            np.subtract(b2 * value, a2 * y, out=z2)
            value = y
        out[i] = value
    return out


def run_float64(sos: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filters [items] with SciPy, its state preloaded from the first sample."""
    from scipy.signal import sosfilt, sosfilt_zi

    if not len(x):
        return x
    y, _ = sosfilt(sos, x, zi=sosfilt_zi(sos) * x[0])
    return np.asarray(y)


def _response(sos: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.complex128]:
    powers = np.exp(-2j * np.pi * np.outer(np.arange(3), frequencies))
    return np.asarray(np.prod((sos[:, :3] @ powers) / (sos[:, 3:] @ powers), axis=0))

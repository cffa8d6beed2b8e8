"""The real Fourier transform in float32, with the operations of templates/preproc/steps/rfft.c.j2.

n real values are taken as n/2 complex ones, transformed in place (decimation in time, values first brought
into bit-reversed order, two binary stages at a time as one of radix 4, a single one of radix 2 first where
their number is odd), and the halves of the spectrum are then told apart.
Source: Oppenheim and Schafer, Discrete-Time Signal Processing, sections 9.3 and 9.6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROWS = 256  # transformed together, so that they stay in the cache


def sines(n: int) -> NDArray[np.float64]:
    """Returns sin(2 pi i / n) for i from 0, as far as cosines and thirds of the circle reach into it."""
    return np.asarray(np.sin(2 * np.pi * np.arange(sines_length(n)) / n))


def sines_length(n: int) -> int:
    """Returns how many sines a transform of n needs."""
    return max(6 * (n // 8 - 1), n // 4 - 1) + n // 4 + 1


def swaps(n: int) -> NDArray[np.int32]:
    """Returns the pairs of complex values [k, 2] that change places for bit-reversed order."""
    half = n // 2
    reversed_ = _reversed(half)
    return np.array([(i, j) for i, j in enumerate(reversed_.tolist()) if i < j], np.int32).reshape(-1, 2)


def rfft(x: NDArray[np.float32], n: int, table: NDArray[np.float32]) -> NDArray[np.float32]:
    """Transforms rows.

    Args:
        x: float32 [rows, up to n]; zeros stand for what is missing.
        n: Length of the transform, a power of two from 8 on.
        table: `sines(n)` in float32.

    Returns:
        float32 [rows, n]: DC, Nyquist, then real and imaginary part of each bin between.
    """
    out = np.empty((len(x), n), np.float32)
    order = _reversed(n // 2)
    for start in range(0, len(x), _ROWS):
        rows = x[start : start + _ROWS]
        padded = np.zeros((n, len(rows)), np.float32)
        padded[: x.shape[1]] = rows.T
        real, imag = padded[0::2][order], padded[1::2][order]
        _transform(real, imag, n, table)
        out[start : start + _ROWS] = _told_apart(real, imag, n, table).T
    return out


def _reversed(count: int) -> NDArray[np.intp]:
    bits = count.bit_length() - 1
    return np.array([int(f"{i:0{bits}b}"[::-1], 2) if bits else 0 for i in range(count)])


def _transform(
    real: NDArray[np.float32], imag: NDArray[np.float32], n: int, table: NDArray[np.float32]
) -> None:
    """Transforms [n/2, rows] in place."""
    half, quarter = n // 2, 1
    if half.bit_length() % 2 == 0:  # an odd number of binary stages
        for part in (real, imag):
            a, b = part[0::2].copy(), part[1::2]
            part[0::2], part[1::2] = a + b, a - b
        quarter = 2
    while quarter < half:
        _radix4(real, imag, quarter, n, table)
        quarter *= 4


def _radix4(
    real: NDArray[np.float32], imag: NDArray[np.float32], quarter: int, n: int, table: NDArray[np.float32]
) -> None:
    """Joins four transforms of `quarter` values each, everywhere."""
    shape = (-1, 4, quarter, real.shape[1])
    re, im = real.reshape(shape), imag.reshape(shape)
    (ar, br, cr, dr), (ai, bi, ci, di) = (
        tuple(np.ascontiguousarray(part[:, i]) for i in range(4)) for part in (re, im)
    )
    if quarter > 1:  # the parts are the transforms of the values 4k, 4k + 2, 4k + 1 and 4k + 3
        at = np.arange(quarter)[:, None] * (n // (4 * quarter))
        (s1, s2, s3), (c1, c2, c3) = (
            tuple(table[shift + k * at] for k in (1, 2, 3)) for shift in (0, n // 4)
        )
        br, bi = br * c2 + bi * s2, bi * c2 - br * s2
        cr, ci = cr * c1 + ci * s1, ci * c1 - cr * s1
        dr, di = dr * c3 + di * s3, di * c3 - dr * s3
    tr, ti, ur, ui = ar + br, ai + bi, ar - br, ai - bi
    vr, vi, wr, wi = cr + dr, ci + di, cr - dr, ci - di
    re[:, 0], im[:, 0] = tr + vr, ti + vi
    re[:, 1], im[:, 1] = ur + wi, ui - wr
    re[:, 2], im[:, 2] = tr - vr, ti - vi
    re[:, 3], im[:, 3] = ur - wi, ui + wr


def _told_apart(
    real: NDArray[np.float32], imag: NDArray[np.float32], n: int, table: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Returns the packed spectrum [n, rows] of the real values behind a complex transform."""
    half = n // 2
    out = np.empty((n, real.shape[1]), np.float32)
    out[0], out[1] = real[0] + imag[0], real[0] - imag[0]
    out[half], out[half + 1] = real[half // 2], -imag[half // 2]
    low = np.arange(1, half // 2)
    high = half - low
    a, b, c, d = real[low], imag[low], real[high], imag[high]
    sine, cosine = table[low][:, None], table[low + n // 4][:, None]
    er, ei, odd_r, odd_i = a + c, b - d, b + d, c - a  # twice the transforms of even and odd values
    tr, ti = odd_r * cosine + odd_i * sine, odd_i * cosine - odd_r * sine
    out[2 * low], out[2 * low + 1] = np.float32(0.5) * (er + tr), np.float32(0.5) * (ei + ti)
    out[2 * high], out[2 * high + 1] = np.float32(0.5) * (er - tr), np.float32(0.5) * (ti - ei)
    return out

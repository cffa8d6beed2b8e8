"""The 16-bit fixed-point real Fourier transform of kiss_fft, bit for bit (https://github.com/mborgerding/kissfft).

n real values are n/2 complex ones, transformed by decimation in time: stages of radix 4, the innermost of
radix 2 where their number asks for it; each stage first divides by its radix. Values are int16, products
are rounded to 15 fractional bits, and sums wrap, as they do in C.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ONE = 32767  # stands for 1


def order(half: int) -> NDArray[np.int32]:
    """Returns which of `half` complex inputs lies at each place before the first stage."""
    places = np.arange(half)
    if half in (2, 4):
        return places.astype(np.int32)
    return np.concatenate([4 * order(half // 4) + i for i in range(4)]).astype(np.int32)


def swaps(half: int) -> NDArray[np.int32]:
    """Returns the pairs of places [k, 2] that are swapped, one after the other, to bring about `order`."""
    wanted, found = order(half).tolist(), list(range(half))
    pairs = []
    for i, value in enumerate(wanted):
        if (j := found.index(value, i)) != i:
            found[i], found[j] = found[j], found[i]
            pairs.append((i, j))
    return np.array(pairs, np.int32).reshape(-1, 2)


def twiddles(half: int) -> NDArray[np.int32]:
    """Returns exp(-2 pi i k / half) [half, 2], real and imaginary part."""
    return _circle(-2 * np.pi * np.arange(half) / half)


def super_twiddles(half: int) -> NDArray[np.int32]:
    """Returns what tells even and odd samples apart, [half / 2, 2]."""
    return _circle(-np.pi * (np.arange(1, half // 2 + 1) / half + 0.5))


def rfft(x: NDArray[np.int16], tables: dict[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Transforms columns.

    Args:
        x: int16 [n, rows]
        tables: `twiddles` and `super_twiddles` by name.

    Returns:
        int16 [n/2 + 1, rows], real and imaginary part.
    """
    half = len(x) // 2
    places = order(half)
    real, imag = x[0::2][places].astype(np.int32), x[1::2][places].astype(np.int32)
    part = 1
    if half.bit_length() % 2 == 0:
        real, imag = _radix2(real, imag, tables["twiddles"][0])
        part = 2
    while part < half:
        real, imag = _radix4(real, imag, part, tables["twiddles"])
        part *= 4
    return _told_apart(real, imag, tables["super_twiddles"])


def _circle(phase: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.floor(0.5 + ONE * np.stack([np.cos(phase), np.sin(phase)], axis=1)).astype(np.int32)


def _rounded(x: NDArray[Any]) -> NDArray[np.int32]:
    return _wrapped((x + (1 << 14)) >> 15)


def _wrapped(x: NDArray[Any]) -> NDArray[np.int32]:
    return np.asarray(x.astype(np.int16).astype(np.int32))


def _times(real: Any, imag: Any, by: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Multiplies by complex numbers [..., 2]."""
    c, s = by[..., 0], by[..., 1]
    return _rounded(real * c - imag * s), _rounded(real * s + imag * c)


def _radix2(real: Any, imag: Any, one: NDArray[Any]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    a, b = (_rounded(real[i::2] * (ONE // 2)) for i in (0, 1))
    c, d = (_rounded(imag[i::2] * (ONE // 2)) for i in (0, 1))
    b, d = _times(b, d, one)
    out = [_wrapped(np.stack([p + q, p - q], axis=1)).reshape(real.shape) for p, q in ((a, b), (c, d))]
    return out[0], out[1]


def _radix4(
    real: Any, imag: Any, part: int, table: NDArray[Any]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    shape = (-1, 4, part, real.shape[1])
    re, im = (_rounded(x.reshape(shape) * (ONE // 4)) for x in (real, imag))
    at = np.arange(part) * (len(table) // (4 * part))
    ar, ai = re[:, 0], im[:, 0]
    (br, bi), (cr, ci), (dr, di) = (_times(re[:, k], im[:, k], table[k * at][:, None]) for k in (1, 2, 3))
    ur, ui = _wrapped(ar - cr), _wrapped(ai - ci)
    ar, ai = _wrapped(ar + cr), _wrapped(ai + ci)
    vr, vi, wr, wi = _wrapped(br + dr), _wrapped(bi + di), _wrapped(br - dr), _wrapped(bi - di)
    re = np.stack([ar + vr, ur + wi, ar - vr, ur - wi], axis=1)
    im = np.stack([ai + vi, ui - wr, ai - vi, ui + wr], axis=1)
    return _wrapped(re).reshape(real.shape), _wrapped(im).reshape(imag.shape)


def _told_apart(real: Any, imag: Any, table: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    half = len(real)
    re, im = np.zeros((half + 1, real.shape[1]), np.int32), np.zeros((half + 1, real.shape[1]), np.int32)
    dc, other = _rounded(real[0] * (ONE // 2)), _rounded(imag[0] * (ONE // 2))
    re[0], re[half] = dc + other, dc - other
    low = np.arange(1, half // 2 + 1)
    high = half - low
    ar, ai = _rounded(real[low] * (ONE // 2)), _rounded(imag[low] * (ONE // 2))
    br, bi = _rounded(real[high] * (ONE // 2)), _rounded(_wrapped(-imag[high]) * (ONE // 2))
    tr, ti = _times(_wrapped(ar - br), _wrapped(ai - bi), table[low - 1][:, None])
    er, ei = _wrapped(ar + br), _wrapped(ai + bi)
    re[low], im[low] = (er + tr) >> 1, (ei + ti) >> 1
    re[high], im[high] = (er - tr) >> 1, (ti - ei) >> 1
    return _wrapped(re), _wrapped(im)

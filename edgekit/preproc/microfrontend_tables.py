"""Tables of the microfrontend, with the float32 operations by which the original makes them.

The original fills them when it starts, on the board; here they are constants. Its log1pf is that of fdlibm
(Sun Microsystems, 1993), as in newlib and glibc, done here with the same operations: elsewhere a weight in
some hundred would differ by one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

F = np.float32
WINDOW_BITS, BAND_BITS = 12, 12
_LOG1P = tuple(
    F(value)
    for value in (0.1479819864, 0.15313838422, 0.1818357259, 0.22222198546, 0.28571429849, 0.4, 0.66666668653)
)
_LN2_HIGH, _LN2_LOW = F(0.69313812256), F(9.0580006145e-6)


def window(samples: int) -> NDArray[np.float64]:
    """Returns Hann's window, sampled half a sample in, with 12 fractional bits."""
    turn = F(np.pi) * F(2) / F(samples)
    phase = turn * (np.arange(samples, dtype=F) + F(0.5))
    value = F(0.5) - F(0.5) * np.cos(phase.astype(np.float64)).astype(F)
    return np.asarray(np.floor(value * F(1 << WINDOW_BITS) + F(0.5)), np.float64)


def bands(count: int, low_hz: float, high_hz: float, rate_hz: float, length: int) -> dict[str, NDArray[Any]]:
    """Returns how many bins lie up to each centre from the first one on, and two weights of each.

    Args:
        count: Bands.
        low_hz, high_hz: Their range.
        rate_hz: Sampling rate.
        length: Of the transform.

    Returns:
        `widths` [count + 1], and `weights` [bins, 2]: the share of the band whose centre is behind the
        bin, and that of the next one, with 12 fractional bits.
    """
    low = _mel(low_hz)
    spacing = (_mel(high_hz) - low) / F(count + 1)
    centres = low + spacing * np.arange(1, count + 2, dtype=F)
    first = first_bin(low_hz, rate_hz, length)
    mels = _mel(np.arange(first, length // 2 + 1, dtype=F) * _per_bin(rate_hz, length))
    band = np.searchsorted(centres, mels)  # the first centre at or above each bin
    kept = band <= count
    mels, band = mels[kept], band[kept]
    below = np.concatenate([[low], centres[:-1]]).astype(F)
    weight = (centres[band] - mels) / (centres[band] - below[band])
    falling, rising = (np.floor(part * F(1 << BAND_BITS) + F(0.5)) for part in (weight, F(1) - weight))
    return {
        "widths": np.bincount(band, minlength=count + 1),
        "weights": np.stack([falling, rising], axis=1),
    }


def first_bin(low_hz: float, rate_hz: float, length: int) -> int:
    """Returns the first bin that counts; never DC."""
    return int(F(1.5) + F(low_hz) / _per_bin(rate_hz, length))


def gains(strength: float, offset: float, gain_bits: int, noise_bits: int) -> NDArray[np.float64]:
    """Returns the gain for each estimate of the noise: parabolas between powers of two, [125].

    Args:
        strength, offset: gain = (noise + offset)^-strength.
        gain_bits: Fractional bits of a gain.
        noise_bits: Those of the noise.
    """

    def gain(x: int) -> int:
        at = F(x) / F(1 << noise_bits) + F(offset)
        value = F(1 << gain_bits) * F(np.float64(at) ** -np.float64(F(strength)))
        return 32767 if value > 32767 else int(value + F(0.5))

    table = [gain(0), gain(1)]
    for interval in range(2, 33):
        start = 1 << (interval - 1)
        end = 2 * start - (interval == 32)
        first, middle, last = gain(start), gain(start + start // 2), gain(end)
        slope = 4 * (middle - first) - (last - first)
        table += [first, slope, last - first - slope, 0]
    return np.array(table[:-1]).astype(np.int16).astype(np.float64)


def segments() -> NDArray[np.float64]:
    """Returns log2(1 + x) - x at 129 places from 0 to 1, with 16 fractional bits, and a 0."""
    at = np.arange(129) / 128
    return np.append(np.floor(0.5 + 65536 * (np.log2(1 + at) - at)), 0)


def _per_bin(rate_hz: float, length: int) -> np.float32:
    return np.float32(F(0.5) * F(rate_hz) / F(length // 2))


def _mel(hz: Any) -> NDArray[np.float32]:
    return F(1127) * _log1p(np.asarray(hz, F) / F(700))


def _log1p(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns log(1 + x) of non-negative x by the operations of fdlibm."""
    x = np.asarray(x, F)
    small = x < F(0.41421356)
    above = F(1) + x
    exponent = (above.view(np.int32) >> 23) - 127
    lost = np.where(exponent > 0, F(1) - (above - x), x - (above - F(1))) / above
    fraction = above.view(np.int32) & 0x7FFFFF
    upper = fraction >= 0x3504F7
    near_one = (fraction | np.where(upper, 0x3F000000, 0x3F800000).astype(np.int32)).view(F)
    k = np.where(small, 0, exponent + upper).astype(F)
    lost = np.where(small, F(0), lost)
    f = np.where(small, x, near_one - F(1))
    half = F(0.5) * f * f
    s = f / (F(2) + f)
    z = s * s
    r = np.full_like(z, _LOG1P[0])
    for coefficient in _LOG1P[1:]:
        r = coefficient + z * r
    r = s * (half + z * r)
    return np.asarray(
        np.where(k == 0, f - (half - r), k * _LN2_HIGH - ((half - (r + (k * _LN2_LOW + lost))) - f)), F
    )

"""What each beat looks like in one lead: ECGSYN's waves along given RR intervals, in closed form.

In ECGSYN (McSharry et al. 2003, eq. 1) the potential z follows

    dz/dt = -sum_i a_i d_i exp(-d_i^2 / (2 b_i^2)) - (z - z0),   d_i = phase - phase_i

while the phase turns once per RR interval. On the limit cycle, and without the slow return to the
baseline z0 (baseline wander is added as noise), this integrates to a sum of Gaussians in the phase,
the form that Sameni et al. use (EURASIP J. Adv. Signal Process. 2007:043407). No differential
equation has to be solved, and each beat can have its own waves. ECGSYN's scaling of P and T by the
square root of the interval is kept; QRS keeps its duration, as it does in people.

Each wave is a dipole in the frontal plane, seen by a lead at 60 degrees (lead II), so the axes of
a subject shape the waves together. Fibrillatory waves: Stridh and Sornmo, IEEE Trans. Biomed. Eng.
48(1), 2001, a saw-tooth with modulated amplitude and frequency, plus a narrow band of noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from edgekit.data.ecgsyn.rhythm import ATRIAL_ECTOPIC, VENTRICULAR_ECTOPIC, Rhythm

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wave:
    """One wave of a subject's beat: amplitude (mV), time after the R peak (s) and width sigma (s).

    Args:
        power: Time and width grow with (RR / 1 s) ** power.
    """

    amplitude: float
    time: float
    sigma: float
    power: float = 0.0


@dataclass(frozen=True, slots=True)
class Morphology:
    """What one subject's beats are made of."""

    p: tuple[Wave, ...]
    qrs: tuple[Wave, ...]
    t: tuple[Wave, ...]
    retrograde_p: tuple[Wave, ...]
    ventricular: tuple[Wave, ...]
    gain: float
    respiration_gain: float


def draw(rng: Generator) -> Morphology:
    """Draws the shape of one subject's beats: amplitudes, axes, intervals, conduction, T wave."""
    lead = 60 + rng.normal(0, 10)

    def seen(magnitude: float, axis: float) -> float:
        return float(magnitude * np.cos(np.radians(axis - lead)))

    axis = float(np.clip(rng.normal(50, 25), -15, 115))
    height = rng.uniform(0.7, 1.8)
    wide = rng.uniform(1.35, 1.8) if rng.random() < 0.08 else 1.0  # bundle branch block
    s_height = height * rng.uniform(0.05, 0.40)
    r_sigma = rng.uniform(0.009, 0.012) * wide
    qrs: tuple[Wave, ...] = (
        Wave(seen(height * rng.uniform(0.02, 0.16), axis + 180 + rng.normal(0, 30)), -2.5 * r_sigma, 0.008),
        Wave(seen(height, axis), 0.0, r_sigma),
        Wave(seen(s_height, axis + 180 + rng.normal(0, 40)), 2.6 * r_sigma, 0.010 * wide),
    )
    if wide > 1:
        qrs += (Wave(seen(height * rng.uniform(0.3, 0.6), axis + rng.normal(0, 40)), 0.045, 0.014),)
    p_axis = float(np.clip(rng.normal(55, 15), 10, 90))
    pr = rng.uniform(0.20, 0.26) if rng.random() < 0.05 else rng.uniform(0.12, 0.18)
    p_height, p_sigma = rng.uniform(0.09, 0.24), rng.uniform(0.018, 0.025)
    p = (
        Wave(seen(0.6 * p_height, p_axis - 8), -pr - 0.010, p_sigma, 0.25),
        Wave(seen(0.6 * p_height, p_axis + 8), -pr + 0.010, p_sigma, 0.25),
    )
    t_axis = float(np.clip(rng.normal(45, 20), -10, 100)) + (180.0 if rng.random() < 0.10 else 0.0)
    t_height, rt = height * rng.uniform(0.12, 0.38), rng.uniform(0.26, 0.31)
    t = (  # the upstroke of a T wave is slower than its downstroke
        Wave(seen(0.55 * t_height, t_axis), rt - 0.035, rng.uniform(0.042, 0.055), 0.5),
        Wave(seen(0.65 * t_height, t_axis), rt + 0.005, rng.uniform(0.026, 0.034), 0.5),
        Wave(rng.normal(0, 0.035), 0.14, 0.045, 0.5),  # ST segment
    )
    retrograde = (Wave(-rng.uniform(0.0, 0.15), rng.uniform(0.06, 0.12), 0.020),)
    sign = 1.0 if rng.random() < 0.5 else -1.0
    big = sign * height * rng.uniform(0.8, 1.5)
    ventricular = (
        Wave(big, 0.0, rng.uniform(0.026, 0.036)),
        Wave(-big * rng.uniform(0.15, 0.5), 0.085, 0.030),
        Wave(-big * rng.uniform(0.25, 0.45), 0.30, 0.065, 0.3),
    )
    gain = float(np.exp(rng.normal(0, 0.25)))
    return Morphology(p, qrs, t, retrograde, ventricular, gain, rng.uniform(0.01, 0.10))


def render(rhythm: Rhythm, shape: Morphology, seconds: float, rate_hz: float, rng: Generator) -> Array:
    """Returns one lead without noise.

    Args:
        rhythm: The beats.
        shape: The waves of a beat.
        seconds: Length.
        rate_hz: Samples per second.
        rng: Source of chance (atrial waves, small changes from beat to beat).

    Returns:
        float64 [round(seconds * rate_hz)], in millivolt.
    """
    count = round(seconds * rate_hz)
    out = np.zeros(count)
    used = (rhythm.times > -1.0) & (rhythm.times < seconds + 1.0)
    times, origin = rhythm.times[used], rhythm.origin[used]
    # QT follows the rate with inertia: mostly the mean interval, a little the last one.
    rr = np.maximum(0.75 * 60 / rhythm.rate_bpm + 0.25 * rhythm.rr[used], 0.25)
    ventricular = origin == VENTRICULAR_ECTOPIC
    conducted = ~ventricular
    size = 1 + 0.03 * rng.standard_normal(times.size)
    size *= 1 + shape.respiration_gain * np.sin(2 * np.pi * rhythm.respiration_hz * times)
    for wave in shape.qrs + shape.t:
        _add(out, rate_hz, wave, times[conducted], rr[conducted], size[conducted])
    for wave in shape.ventricular:
        _add(out, rate_hz, wave, times[ventricular], rr[ventricular], size[ventricular])
    if rhythm.mechanism == "sinus":
        before = conducted
        ectopic_p = np.where(origin == ATRIAL_ECTOPIC, -0.5, 1.0)  # another focus, another axis
        for wave in shape.p:
            _add(out, rate_hz, wave, times[before], rr[before], (size * ectopic_p)[before])
    elif rhythm.mechanism == "reentry":
        for wave in shape.retrograde_p:
            _add(out, rate_hz, wave, times[conducted], rr[conducted], size[conducted])
    else:
        t = np.arange(count) / rate_hz
        out += _atrial_waves(rhythm, t, rng)
    return out * shape.gain


def _add(out: Array, rate_hz: float, wave: Wave, times: Array, rr: Array, size: Array) -> None:
    """Adds one wave of every beat in `times` to `out`."""
    if not times.size or wave.amplitude == 0:
        return
    scale = rr**wave.power
    centre, sigma = times + wave.time * scale, wave.sigma * scale
    reach = int(np.ceil(4.5 * sigma.max() * rate_hz))
    index = np.rint(centre * rate_hz).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    d = (index / rate_hz - centre[:, None]) / sigma[:, None]
    value = (wave.amplitude * size)[:, None] * np.exp(-0.5 * d * d)
    inside = (index >= 0) & (index < out.size)
    out += np.bincount(index[inside], value[inside], minlength=out.size)


def _atrial_waves(rhythm: Rhythm, t: Array, rng: Generator) -> Array:
    """Returns fibrillatory or flutter waves in millivolt, at the times `t` (seconds)."""
    if rhythm.mechanism == "flutter":
        # Locked to the beats; in lead II a slow fall and a quick rise, mostly below the baseline.
        turn = 2 * np.pi * rhythm.atrial_hz * (t - rhythm.times[0])
        turn = turn + rng.uniform(0, 2 * np.pi) + 0.05 * np.sin(2 * np.pi * rhythm.respiration_hz * t)
        return rng.uniform(0.10, 0.28) * _saw(turn, 4)
    slow, fast = rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.5)
    turn = 2 * np.pi * rhythm.atrial_hz * t + rng.uniform(0, 2 * np.pi)
    turn = turn + rng.uniform(0.3, 1.2) * np.sin(2 * np.pi * slow * t + rng.uniform(0, 2 * np.pi))
    swell = 1 + rng.uniform(0.2, 0.5) * np.sin(2 * np.pi * fast * t + rng.uniform(0, 2 * np.pi))
    f = np.fft.rfftfreq(t.size, t[1] - t[0])
    band = np.exp(-0.5 * ((f - rhythm.atrial_hz) / 0.9) ** 2)
    chaos = np.fft.irfft(band * np.fft.rfft(rng.standard_normal(t.size)), t.size)
    chaos /= chaos.std()
    mixed = rng.uniform(0.3, 0.8)
    return rng.uniform(0.035, 0.13) * ((1 - mixed) * swell * _saw(turn, 3) + mixed * 0.7 * chaos)


def _saw(turn: Array, harmonics: int) -> Array:
    """A band-limited saw-tooth of about unit amplitude."""
    total = np.zeros_like(turn)
    for k in range(1, harmonics + 1):
        total += np.sin(k * turn) / k
    return total * (2 / np.pi)

"""What an electrode adds to an ECG: baseline wander, muscle, electrode motion and mains hum.

The four follow the kinds of the MIT-BIH Noise Stress Test Database (Moody, Muldrow, Mark 1984).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]


def draw(count: int, rate_hz: float, respiration_hz: float, rng: Generator) -> Array:
    """Returns a mixture of the four kinds in shares that differ from subject to subject.

    Args:
        count: Number of samples.
        rate_hz: Samples per second.
        respiration_hz: Breathing rate, which moves the baseline.
        rng: Source of chance.

    Returns:
        float64 [count], mean 0, variance 1.
    """
    t = np.arange(count) / rate_hz
    kinds = (
        _baseline(t, rate_hz, respiration_hz, rng),
        _muscle(t, rate_hz, rng),
        _motion(t, rate_hz, rng),
        _mains(t, rate_hz, rng),
    )
    shares = rng.dirichlet([1.6, 1.2, 0.7, 0.8])
    return _unit(np.sum([np.sqrt(share) * kind for share, kind in zip(shares, kinds, strict=True)], axis=0))


def _baseline(t: Array, rate_hz: float, respiration_hz: float, rng: Generator) -> Array:
    """Slow drift below 0.5 Hz, with breathing in it."""
    drift = _coloured(t.size, rate_hz, lambda f: np.exp(-f / 0.12) * (f > 0.02), rng)
    breath = np.sin(2 * np.pi * respiration_hz * t + rng.uniform(0, 2 * np.pi))
    return _unit(drift + rng.uniform(0.2, 1.0) * breath)


def _muscle(t: Array, rate_hz: float, rng: Generator) -> Array:
    """Broad band with its power around 20-120 Hz, in bursts."""
    tone = _coloured(t.size, rate_hz, lambda f: (f / 40) / (1 + (f / 60) ** 2), rng)
    return _unit(tone * _bursts(t, rng, floor=0.35))


def _motion(t: Array, rate_hz: float, rng: Generator) -> Array:
    """Slow swings of 0.5-8 Hz that can look like waves of a beat, in few bursts."""
    swing = _coloured(t.size, rate_hz, lambda f: (f > 0.4) / (1 + (f / 1.5) ** 2), rng)
    return _unit(swing * _bursts(t, rng, floor=0.1))


def _mains(t: Array, rate_hz: float, rng: Generator) -> Array:
    """50 or 60 Hz with a third harmonic where the rate can hold it."""
    hz = rng.choice([50.0, 60.0]) + rng.normal(0, 0.03)
    hum = np.sin(2 * np.pi * hz * t + rng.uniform(0, 2 * np.pi))
    if 3 * hz < rate_hz / 2:
        hum = hum + rng.uniform(0, 0.3) * np.sin(6 * np.pi * hz * t + rng.uniform(0, 2 * np.pi))
    return _unit(hum)


def _coloured(count: int, rate_hz: float, gain: Callable[[Array], Array], rng: Generator) -> Array:
    f = np.asarray(np.fft.rfftfreq(count, 1 / rate_hz), np.float64)
    return _unit(np.fft.irfft(gain(f) * np.fft.rfft(rng.standard_normal(count)), count))


def _bursts(t: Array, rng: Generator, floor: float) -> Array:
    """An envelope that rises from `floor` now and then, about once in six seconds."""
    envelope = np.full(t.size, floor)
    length = t[-1] if t.size else 0.0
    for _ in range(int(rng.poisson(length / 6)) + 1):
        envelope += np.exp(-0.5 * ((t - rng.uniform(0, length)) / rng.uniform(0.3, 1.5)) ** 2)
    return envelope


def _unit(x: Array) -> Array:
    x = x - x.mean()
    return x / max(float(x.std()), 1e-12)

"""Augmentation of a batch of signals: functions by name, drawn from a given generator.

Each takes float32 [batch, samples, ...], a strength and a generator, and returns the same shape; of a
spectrogram the samples are its rows. Signals are taken as normalised: noise and wander are in units of
their standard deviation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.errors import InputError, Problem, did_you_mean

Batch = NDArray[np.float32]
Augmentation = Callable[[Batch, float, np.random.Generator], Batch]


def amplitude(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Scales each example by a factor in 1 +- strength."""
    return x * _uniform(rng, x, 1 - strength, 1 + strength)


def noise(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Adds white noise with a standard deviation between 0 and strength."""
    white = rng.standard_normal(x.shape, np.float32)
    return np.asarray(x + _uniform(rng, x, 0, strength) * white, np.float32)


def wander(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Adds a sine of 0.5 to 4 periods per frame with an amplitude between 0 and strength."""
    periods, phase = _uniform(rng, x, 0.5, 4), _uniform(rng, x, 0, 1)
    time = _along(np.arange(x.shape[1], dtype=np.float32)[None], x) / x.shape[1]
    sine = np.sin(2 * np.pi * (periods * time + phase)).astype(np.float32)
    return np.asarray(x + _uniform(rng, x, 0, strength) * sine, np.float32)


def shift(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Moves each example by up to +- strength samples; zeros come in."""
    reach = int(strength)
    padded = np.pad(x, ((0, 0), (reach, reach), *((0, 0) for _ in x.shape[2:])))
    starts = rng.integers(0, 2 * reach, len(x), endpoint=True)
    moved: Batch = padded[np.arange(len(x))[:, None], starts[:, None] + np.arange(x.shape[1])]
    return moved


def mask(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Sets one stretch of each example to zero, up to the share `strength` of its length."""
    samples = x.shape[1]
    length = rng.uniform(0, strength, (len(x), 1)) * samples
    start = rng.uniform(0, 1, (len(x), 1)) * (samples - length)
    time = np.arange(samples)
    hidden = (time >= start) & (time < start + length)
    return np.where(_along(hidden, x), np.float32(0), x)


def invert(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Turns an example upside down with the probability `strength`, as swapped electrodes do."""
    return np.where(_uniform(rng, x, 0, 1) < strength, -x, x)


def loudness(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Makes a log spectrum louder or softer by up to +- strength decibels; the logarithm's floor stays."""
    gain = 10 ** (_uniform(rng, x, -strength, strength) / 20)
    magnitude = np.maximum(np.exp(x) - _FLOOR, 0)
    return np.where(gain == 1, x, np.log(magnitude * gain + _FLOOR)).astype(np.float32)


def rows(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Sets one stretch of rows to the example's mean, up to the share `strength` of them.

    With `bands`: Park et al., "SpecAugment", arXiv:1904.08779.
    """
    return _hide(x, strength, rng, axis=1)


def bands(x: Batch, strength: float, rng: np.random.Generator) -> Batch:
    """Sets neighbouring bands to the example's mean, up to the share `strength` of them."""
    return _hide(x, strength, rng, axis=2)


def _hide(x: Batch, strength: float, rng: np.random.Generator, axis: int) -> Batch:
    count = x.shape[axis]
    length = rng.uniform(0, strength, len(x)) * count
    start = rng.uniform(0, 1, len(x)) * (count - length)
    place = np.arange(count)
    hidden = (place >= start[:, None]) & (place < (start + length)[:, None])
    shape = [1] * x.ndim
    shape[0], shape[axis] = len(x), count
    mean = x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)
    return np.where(hidden.reshape(shape), mean, x)


_FLOOR = np.float32(1e-3)  # offset of the logarithm in FRILL's front end
AUGMENTATIONS: dict[str, Augmentation] = {
    function.__name__: function
    for function in (amplitude, noise, wander, shift, mask, invert, loudness, rows, bands)
}
_SHARES = ("mask", "invert", "rows", "bands")


def check(strengths: Mapping[str, float], samples: int) -> None:
    """Checks a recipe's `training.augment`.

    Args:
        strengths: Strength by name.
        samples: Length of one example.

    Raises:
        InputError: Unknown names or strengths out of range, all at once.
    """
    problems = []
    for name, strength in strengths.items():
        where = f"training.augment.{name}"
        if name not in AUGMENTATIONS:
            problems.append(Problem(where, "unknown augmentation", hint=did_you_mean(name, AUGMENTATIONS)))
            continue
        limit = 1 if name in _SHARES else samples if name == "shift" else np.inf
        if not 0 <= strength <= limit:
            problems.append(Problem(where, "out of range", f"0 to {limit:g}", f"{strength:g}"))
    if problems:
        raise InputError(problems)


def apply(x: Batch, strengths: Mapping[str, float], rng: np.random.Generator) -> Batch:
    """Returns `x` after each named augmentation in turn.

    Args:
        x: float32 [batch, samples, ...].
        strengths: Strength by name, in the order of use.
        rng: Where all randomness comes from.
    """
    for name, strength in strengths.items():
        x = AUGMENTATIONS[name](x, strength, rng)
    return x


def _uniform(rng: np.random.Generator, x: Batch, low: float, high: float) -> Batch:
    """Returns one number per example, in a shape that goes with `x`."""
    return rng.uniform(low, high, (len(x), *(1 for _ in x.shape[1:]))).astype(np.float32)


def _along(values: NDArray[Any], x: Batch) -> NDArray[Any]:
    """Returns [batch or 1, samples] values in a shape that goes with `x`."""
    return values.reshape(*values.shape, *(1 for _ in x.shape[2:]))

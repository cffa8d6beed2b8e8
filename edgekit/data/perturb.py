"""Perturbed copies of sound records: other speeds, rooms, bands, spectra and noise.

They change who seems to speak and where; for labels of that kind they are of no use. A student of a teacher
can learn from them, as the teacher hears the same copy. Source of speed perturbation: Ko et al., "Audio
Augmentation for Speech Recognition", Interspeech 2015.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import Record, need_package
from edgekit.errors import InputError, Problem, did_you_mean

Wave = NDArray[np.float64]
Perturbation = Callable[[Wave, float, float, np.random.Generator], Wave]


def speed(wave: Wave, strength: float, rate_hz: float, random: np.random.Generator) -> Wave:
    """Plays faster or slower by a factor of up to 1 + strength: pitch, formants and tempo together."""
    factor = float(np.exp(random.uniform(-1, 1) * np.log1p(strength)))
    return np.asarray(need_package("soxr").resample(wave, factor * rate_hz, rate_hz, quality="MQ"))


def tilt(wave: Wave, strength: float, rate_hz: float, random: np.random.Generator) -> Wave:
    """Raises or lowers the spectrum by up to +- strength decibels per octave, and by a slow random curve."""
    spectrum = np.fft.rfft(wave)
    octaves = np.log2(np.maximum(np.fft.rfftfreq(len(wave), 1 / rate_hz), 50.0) / 1000.0)
    curve = np.interp(octaves, np.linspace(-4.5, 3, 6), random.normal(0, strength, 6))
    gain = random.uniform(-strength, strength) * octaves + curve
    return np.asarray(np.fft.irfft(spectrum * 10 ** (gain / 20), len(wave)))


def reverberation(wave: Wave, strength: float, rate_hz: float, random: np.random.Generator) -> Wave:
    """Puts a share `strength` of the records into rooms with a reverberation time of 0.15 to 1 s."""
    from scipy.signal import fftconvolve

    if random.uniform() >= strength:
        return wave
    decay = random.uniform(0.15, 1.0)
    time = np.arange(round(decay * rate_hz)) / rate_hz
    tail = random.standard_normal(len(time)) * 10 ** (-3 * time / decay)
    tail *= random.uniform(0.3, 1.2) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return np.asarray(fftconvolve(wave, tail)[: len(wave)])


def band(wave: Wave, strength: float, rate_hz: float, random: np.random.Generator) -> Wave:
    """Takes lows and highs from a share `strength` of the records, as telephones and small speakers do."""
    from scipy.signal import butter, sosfilt

    if random.uniform() >= strength:
        return wave
    edges = random.uniform(60, 400), min(random.uniform(2800, 7000), 0.49 * rate_hz)
    return np.asarray(
        sosfilt(butter(int(random.integers(1, 5)), edges, "bandpass", fs=rate_hz, output="sos"), wave)
    )


def noise(wave: Wave, strength: float, rate_hz: float, random: np.random.Generator) -> Wave:
    """Adds noise of a random colour to a share `strength` of the records, 3 to 30 dB below the sound."""
    if random.uniform() >= strength:
        return wave
    spectrum = np.fft.rfft(random.standard_normal(len(wave)))
    hz = np.maximum(np.fft.rfftfreq(len(wave), 1 / rate_hz), 20.0)
    made = np.fft.irfft(spectrum * hz ** random.uniform(-1, 0), len(wave))
    ratio = np.sqrt(np.mean(wave**2) / max(float(np.mean(made**2)), 1e-20))
    return np.asarray(wave + made * ratio * 10 ** (-random.uniform(3, 30) / 20))


PERTURBATIONS: dict[str, Perturbation] = {
    function.__name__: function for function in (speed, tilt, reverberation, band, noise)
}
_SHARES = ("reverberation", "band", "noise")
_MOST = {"speed": 1.0, "tilt": 24.0}


def check(strengths: Mapping[str, float]) -> None:
    """Checks a recipe's `data.perturb`.

    Raises:
        InputError: Unknown names or strengths out of range, all at once.
    """
    problems = []
    for name, strength in strengths.items():
        where, limit = f"data.perturb.{name}", 1.0 if name in _SHARES else _MOST.get(name, 0.0)
        if name not in PERTURBATIONS:
            problems.append(Problem(where, "unknown perturbation", hint=did_you_mean(name, PERTURBATIONS)))
        elif not 0 <= strength <= limit:
            problems.append(Problem(where, "out of range", f"0 to {limit:g}", f"{strength:g}"))
    if problems:
        raise InputError(problems)


def perturbed(record: Record, strengths: Mapping[str, float], copy: int, seed: int = 0) -> Record:
    """Returns a copy of a record after each named perturbation in turn, as loud as the record.

    Args:
        record: Of sound.
        strengths: Strength by name, in the order of use.
        copy: Number of the copy; what is drawn follows from it, the record's name and the seed.
        seed: Another seed gives other copies.
    """
    digest = hashlib.sha256(f"{seed}\0{copy}\0{record.name}".encode()).digest()
    random = np.random.default_rng(np.frombuffer(digest, np.uint32))
    wave = record.signal.astype(np.float64)
    level = np.sqrt(np.mean(wave**2))
    for name, strength in strengths.items():
        wave = PERTURBATIONS[name](wave, strength, record.rate_hz, random)
    wave *= level / max(float(np.sqrt(np.mean(wave**2))), 1e-9)
    signal = np.clip(wave, -1, 1).astype(np.float32)
    name = f"{record.name}#{copy}"
    return Record(record.subject, name, signal, record.rate_hz, record.label, record.tags)

"""Synthetic voices and noises: what stands in where no recordings can be had. They are not speech.

A voice is a train of glottal pulses through four resonances, vowel by vowel (the source-filter model of Fant,
Acoustic Theory of Speech Production, 1960); a subject has its pitch and length of vocal tract. The sound of
a thing is noise of one colour, a chord or a series of clicks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgekit.data.base import Dataset, DatasetOptions, Record
from edgekit.errors import Problem

RATE_HZ = 16000
_VOWELS = np.array(  # formants of men in Hz: Peterson and Barney, J. Acoust. Soc. Am. 24, 1952
    [[270, 2290, 3010, 3500], [530, 1840, 2480, 3500], [730, 1090, 2440, 3500], [570, 840, 2410, 3500],
     [300, 870, 2240, 3500]]
)  # fmt: skip
_BANDWIDTHS_HZ = np.array([60.0, 90.0, 120.0, 150.0])
_PITCH_HZ = {"female": (170.0, 260.0), "male": (85.0, 145.0)}
_TRACT = {"female": 1.17, "male": 1.0}  # formants of women over those of men


class SyntheticSoundOptions(DatasetOptions):
    """Options of `synthetic-sound`."""

    label: str = Field("kind", description="tag that is the class: kind or voice")
    voices: int = Field(40, ge=1, le=10_000)
    things: int = Field(20, ge=0, le=10_000)
    max_clips: int = Field(24, ge=1, le=1000, description="of each voice and thing")
    seed: int = Field(0, ge=0, description="another seed gives other subjects")


class SyntheticSound(Dataset[SyntheticSoundOptions]):
    """Voices of women and men, and sounds of things."""

    title = "Synthetic sound"
    summary = "Vowels by pulses and resonances, noises, chords and clicks: a stand-in, no speech."
    licence = "none needed"
    source = "generated"
    synthetic = True
    Options = SyntheticSoundOptions

    def records(
        self,
        options: SyntheticSoundOptions,
        root: Path | None,
        classes: Sequence[str],
        skipped: list[Problem],
    ) -> Iterator[Record]:
        """Yields clips of 0.8 to 2.2 s, subject by subject."""
        for index in range(options.voices + options.things):
            random = np.random.default_rng([options.seed, index])
            voice = ("female", "male")[index % 2]
            is_voice = index < options.voices
            subject = f"voice-{index}" if is_voice else f"thing-{index}"
            tags = {
                "kind": "speech" if is_voice else "sound",
                "source": "synthetic",
                "file_rate_hz": str(RATE_HZ),
            }
            if is_voice:
                tags |= {"voice": voice, "speaker": subject}
            if tags.get(options.label) not in classes:
                continue
            pitch, tract = random.uniform(*_PITCH_HZ[voice]), _TRACT[voice] * random.uniform(0.92, 1.08)
            colour = int(random.integers(3))
            for clip in range(options.max_clips):
                count = int(RATE_HZ * random.uniform(0.8, 2.2))
                wave = _speak(count, pitch, tract, random) if is_voice else _sound(count, colour, random)
                wave *= 10 ** (random.uniform(-34, -18) / 20) / np.sqrt(np.mean(wave**2))
                name = f"{subject}/{clip}"
                signal = np.clip(wave, -1, 1).astype(np.float32)
                yield Record(subject, name, signal, float(RATE_HZ), tags[options.label], tags)


def _speak(count: int, pitch: float, tract: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Returns vowels of 0.15 to 0.35 s with pauses now and then, in a little noise."""
    from scipy.signal import lfilter

    made = 0.003 * random.standard_normal(count)
    start = 0
    while start < count:
        length = int(RATE_HZ * random.uniform(0.15, 0.35))
        if random.uniform() > 0.15:
            time = np.arange(length) / RATE_HZ
            glide = pitch * (
                1 + 0.08 * np.sin(2 * np.pi * random.uniform(2, 5) * time + random.uniform(0, 6))
            )
            phase = np.cumsum(glide) / RATE_HZ
            wave = np.diff(np.floor(phase), prepend=0.0) + 0.02 * random.standard_normal(length)
            for formant, width in zip(
                _VOWELS[random.integers(len(_VOWELS))] * tract, _BANDWIDTHS_HZ, strict=True
            ):
                radius = np.exp(-np.pi * width / RATE_HZ)
                turn = 2 * np.cos(2 * np.pi * min(formant, 7500.0) / RATE_HZ)
                wave = lfilter([1 - radius], [1, -radius * turn, radius**2], wave)
            wave *= np.hanning(length) / max(float(np.abs(wave).max()), 1e-9)
            end = min(count, start + length)
            made[start:end] += wave[: end - start]
        start += length
    return made


def _sound(count: int, colour: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Returns noise that falls towards high frequencies, a decaying chord, or clicks."""
    time = np.arange(count) / RATE_HZ
    if colour == 0:
        spectrum = np.fft.rfft(random.standard_normal(count))
        hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
        return np.asarray(np.fft.irfft(spectrum / np.maximum(hz, 30.0) ** random.uniform(0, 1), count))
    if colour == 1:
        tones = random.uniform(200, 3000, 4)
        chord = np.sin(2 * np.pi * tones[:, None] * time).sum(axis=0)
        return np.asarray(chord * np.exp(-time * random.uniform(0.5, 4))) + 0.01 * random.standard_normal(
            count
        )
    clicks = 0.01 * random.standard_normal(count)
    for place in random.integers(0, count, max(2, int(8 * count / RATE_HZ))):
        tail = np.exp(-np.arange(min(800, count - place)) / 60.0)
        clicks[place : place + len(tail)] += tail * random.standard_normal(len(tail))
    return clicks


DATASET = SyntheticSound()

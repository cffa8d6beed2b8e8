"""Synthetic ECG of one lead with a known rhythm: the default data set, needs nothing but NumPy.

Rhythm, waveform and noise lie in `ecgsyn/`. Libraries were looked at first: neurokit2 and ECGSYN's
own code simulate sinus rhythm only, solve the differential equation in a Python callback (seconds
per record) and take no RR intervals from outside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from edgekit.data.base import Dataset, DatasetOptions, Record
from edgekit.data.ecgsyn import noise, rhythm, waveform
from edgekit.errors import InputError, Problem, did_you_mean


class SyntheticOptions(DatasetOptions):
    """Options of `synthetic-ecg`."""

    subjects: int = Field(2000, ge=1, le=1_000_000, description="one record each")
    seconds: float = Field(24.0, ge=4, le=3600, description="length of each record")
    rate_hz: float = Field(360.0, ge=100, le=2000, description="samples per second")
    snr_db: tuple[float, float] = Field(
        (0.0, 18.0), description="lowest and highest signal-to-noise ratio, drawn evenly per subject"
    )
    shares: dict[str, float] = Field({}, description="share of the subjects by class; default equal")
    seed: int = Field(0, ge=0, description="another seed gives other subjects")

    @field_validator("snr_db")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not -40 <= value[0] <= value[1] <= 100:
            raise ValueError("needs -40 <= lowest <= highest <= 100")
        return value


@dataclass(frozen=True, slots=True)
class Subject:
    """A synthetic subject and the truth about it.

    Args:
        record: What the data set yields.
        rhythm: Its beats.
        clean: float64 [n], the signal in millivolt before noise.
        snr_db: 10 log10 of the variance of `clean` over that of the noise, over the record.
    """

    record: Record
    rhythm: rhythm.Rhythm
    clean: NDArray[np.float64]
    snr_db: float


def generate(index: int, label: str, options: SyntheticOptions) -> Subject:
    """Makes subject number `index` with the rhythm class `label`.

    The result depends on these arguments alone, not on how many other subjects are made.

    Args:
        index: Number of the subject, from 0.
        label: "SR", "SBRAD", "AFIB" or "GSVT".
        options: Seconds, rate, SNR range and seed.
    """
    rng = np.random.default_rng([options.seed, index])
    beats = rhythm.draw(label, options.seconds, rng)
    shape = waveform.draw(rng)
    clean = waveform.render(beats, shape, options.seconds, options.rate_hz, rng)
    snr = float(rng.uniform(*options.snr_db))
    added = noise.draw(clean.size, options.rate_hz, beats.respiration_hz, rng)
    signal = clean + added * clean.std() * 10 ** (-snr / 20)
    name = f"synth-{index:05d}"
    record = Record(name, name, signal.astype(np.float32), options.rate_hz, label)
    return Subject(record, beats, clean, snr)


def labels(classes: Sequence[str], shares: Mapping[str, float]) -> Iterator[str]:
    """Yields the class of subject 0, 1, 2, ... without end, true to the shares at every moment.

    Args:
        classes: The classes, in order.
        shares: Weight by class; empty = equal.
    """
    weight = np.array([shares.get(name, 0.0) if shares else 1.0 for name in classes])
    weight = weight / weight.sum()
    given = np.zeros(weight.size)
    for total in range(1, 1 << 62):
        pick = int(np.argmax(weight * total - given))
        given[pick] += 1
        yield classes[pick]


class SyntheticEcg(Dataset[SyntheticOptions]):
    """Synthetic single-lead ECG in four rhythm classes."""

    title = "Synthetic ECG"
    summary = "One lead, four rhythm classes; RR process, ECGSYN waveform and noise differ by subject."
    licence = "generated; free of rights"
    source = "edgekit, after McSharry et al. 2003"
    synthetic = True
    Options = SyntheticOptions

    def records(
        self, options: SyntheticOptions, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Record]:
        """Yields `options.subjects` records, one per subject; `root` and `skipped` are not used."""
        _check(options, classes)
        for index, label in zip(range(options.subjects), labels(classes, options.shares), strict=False):
            yield generate(index, label, options).record


def _check(options: SyntheticOptions, classes: Sequence[str]) -> None:
    problems = [
        Problem(
            f"classes: {name}", "synthetic-ecg has no such class", hint=did_you_mean(name, rhythm.CLASSES)
        )
        for name in classes
        if name not in rhythm.CLASSES
    ]
    for name, share in options.shares.items():
        where = f"data.options.shares.{name}"
        if name not in classes:
            problems.append(Problem(where, "is not one of the classes", hint=did_you_mean(name, classes)))
        if not (np.isfinite(share) and share >= 0):
            problems.append(Problem(where, "is not a share", expected="a number >= 0", found=repr(share)))
    if not classes:
        problems.append(Problem("classes", "there are none"))
    if not problems and options.shares and sum(options.shares.values()) <= 0:
        problems.append(Problem("data.options.shares", "sum to 0"))
    if problems:
        raise InputError(problems)


DATASET = SyntheticEcg()

"""Long recordings whose .atr file marks where each rhythm begins: `(AFIB`, `(N` and so on.

The form of the MIT-BIH databases (https://archive.physionet.org/physiobank/annotations.shtml).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from edgekit.data import wfdb_files
from edgekit.data.base import Record
from edgekit.data.rhythms import RhythmOptions
from edgekit.data.wfdb_files import Header
from edgekit.errors import InputError, Problem

RHYTHMS = {"(N": "SR", "(SBR": "SBRAD", "(AFIB": "AFIB", "(AFL": "AFL", "(SVTA": "SVT"}
_BEATS = frozenset("NLRBAaJSVrFejnE/fQ?")


class MarkOptions(RhythmOptions):
    """Options of recordings with rhythm marks."""

    min_seconds: float = Field(10.0, ge=1, description="shorter stretches and remainders are left out")
    max_seconds: float = Field(
        60.0, ge=0, description="longer stretches are cut into pieces of this length; 0 = not cut"
    )
    sinus_by_rate: bool = Field(
        True,
        description="(N says no more than 'none of the others': where beats are annotated, a piece under "
        "60/min counts as SBRAD and one over 100/min as STACH",
    )

    @model_validator(mode="after")
    def _room(self) -> Self:
        if 0 < self.max_seconds < self.min_seconds:
            raise ValueError("max_seconds is less than min_seconds")
        return self


@dataclass(frozen=True, slots=True)
class Stretch:
    """Samples [start, stop) under one mark, e.g. "(AFIB"."""

    start: int
    stop: int
    mark: str


@dataclass
class Left:
    """What sound stretches were left out for, over all recordings."""

    labels: Counter[str]
    short: int = 0

    def problems(self, where: str, options: MarkOptions) -> list[Problem]:
        """Returns one entry for stretches of other rhythms, and one for those that are too short."""
        found = []
        if self.labels:
            text = ", ".join(f"{mark} {count}" for mark, count in self.labels.most_common(10))
            what = f"{self.labels.total()} sound stretch(es) carry no wanted label: {text}"
            found.append(Problem(where, what, found=text))
        if self.short:
            what = f"{self.short} stretch(es) are shorter than min_seconds = {options.min_seconds:g}"
            found.append(Problem(where, what))
        return found


def records(
    header: Header,
    subject: str,
    initial: str,
    options: MarkOptions,
    classes: Sequence[str],
    skipped: list[Problem],
    left: Left,
) -> Iterator[Record]:
    """Yields the pieces of one recording that carry a wanted rhythm.

    Args:
        header: The recording.
        subject: Whose it is.
        initial: Mark that holds before the first one, or "" where nothing is known.
        options: Lead, lengths and merge.
        classes: Labels that are wanted.
        skipped: Takes damaged pieces by name.
        left: Counts sound stretches that are left out.

    Raises:
        InputError: The annotations or the lead are missing or damaged.
    """
    marks, beats = _annotations(header)
    lead = wfdb_files.pick_lead(header, options.lead)
    wfdb_files.check_file(header, lead)  # before a length that only the header claims is cut up
    shortest = options.min_seconds * header.rate_hz
    for stretch in stretches(marks, header.samples, initial):
        if stretch.stop - stretch.start < shortest:
            left.short += 1
            continue
        for piece in _cut(stretch, shortest, options.max_seconds * header.rate_hz):
            rhythm = RHYTHMS.get(piece.mark, "")
            if rhythm == "SR" and options.sinus_by_rate:
                rhythm = _by_rate(beats, piece, header.rate_hz)
            label = options.class_of(rhythm)
            if label not in classes:
                left.labels[rhythm or piece.mark] += 1
                continue
            try:
                signal = wfdb_files.read_lead(header, lead, piece.start, piece.stop)
            except InputError as fault:
                skipped.extend(fault.problems)
                continue
            name = f"{header.name}[{piece.start}:{piece.stop}]"
            yield Record(subject, name, signal, header.rate_hz, label)


def stretches(marks: Sequence[tuple[int, str]], samples: int, initial: str = "") -> list[Stretch]:
    """Returns what lies between the marks; equal neighbours are one stretch.

    Args:
        marks: (sample, mark), in order of time.
        samples: Length of the recording.
        initial: Mark that holds before the first one, or "".
    """
    in_force = {0: initial} if initial else {}
    in_force |= {sample: mark for sample, mark in marks if sample < samples}  # of equal times the last
    bounds: list[tuple[int, str]] = []
    for sample, mark in in_force.items():
        if not bounds or bounds[-1][1] != mark:
            bounds.append((sample, mark))
    return [Stretch(a, b, mark) for (a, mark), (b, _) in pairwise([*bounds, (samples, "")])]


def _cut(stretch: Stretch, shortest: float, longest: float) -> Iterator[Stretch]:
    step = int(longest) or stretch.stop - stretch.start
    for start in range(stretch.start, stretch.stop, step):
        stop = min(start + step, stretch.stop)
        if stop - start >= shortest or start == stretch.start:
            yield Stretch(start, stop, stretch.mark)


def _annotations(header: Header) -> tuple[list[tuple[int, str]], NDArray[np.int64]]:
    """Returns rhythm marks and the samples of the beats (from .qrs where .atr holds none)."""
    path = header.path.with_suffix(".atr")
    found = wfdb_files.read_annotations(path)
    sample = np.asarray(found.sample, np.int64)
    if sample.size and (sample.min() < 0 or sample.max() > header.samples + header.rate_hz):
        raise InputError(
            where=str(path),
            what="has marks outside the recording",
            expected=f"samples 0 to {header.samples}",
            found=f"{sample.min()} to {sample.max()}",
        )
    notes = [str(note or "").strip("\0 ") for note in found.aux_note]
    marks = [(int(at), note) for at, note in zip(sample, notes, strict=True) if note.startswith("(")]
    beats = _beats(found)
    aside = header.path.with_suffix(".qrs")
    if not beats.size and aside.is_file():
        beats = _beats(wfdb_files.read_annotations(aside))
    return marks, beats


def _beats(found: Any) -> NDArray[np.int64]:
    is_beat = [symbol in _BEATS for symbol in found.symbol]
    return np.asarray(found.sample, np.int64)[is_beat]


def _by_rate(beats: NDArray[np.int64], piece: Stretch, rate_hz: float) -> str:
    """Returns SBRAD, SR or STACH by the median interval of the beats in a piece."""
    inside = beats[(beats >= piece.start) & (beats < piece.stop)]
    if inside.size < 4:
        return "SR"
    per_minute = 60 * rate_hz / float(np.median(np.diff(inside)))
    return "SBRAD" if per_minute < 60 else "STACH" if per_minute > 100 else "SR"

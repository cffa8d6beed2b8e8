"""From records to labelled frames: preprocessing, what is known of each, and what a teacher says of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import Record
from edgekit.errors import InputError
from edgekit.preproc.chain import Chain
from edgekit.recipes.base import Recipe
from edgekit.training.targets import Targets
from edgekit.training.teachers import base as teachers

_BATCH = 256  # records of one length that go through the chain together
_WAITING = 1 << 26  # samples that may wait for records of the same length
_LONGEST = 1 << 24  # samples up to which the first frame of a chain is looked for
TAG = "tag/"
TEACHER = "teacher"


@dataclass(frozen=True)
class Frames:
    """The frames of one split.

    Args:
        x: float32 [n, *shape of a frame, 1].
        y: int64 [n], indices into the recipe's classes.
        subjects: str [n].
        extras: More arrays by name, one row per frame: "record" is the name of the record, "tag/<name>" a tag
            of the record ("" where it has none), "teacher" the target, float32 [n, values].
    """

    x: NDArray[np.float32]
    y: NDArray[np.int64]
    subjects: NDArray[np.str_]
    extras: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def take(self, rows: NDArray[np.int64]) -> Frames:
        """Returns some of the frames."""
        extras = {name: values[rows] for name, values in self.extras.items()}
        return Frames(self.x[rows], self.y[rows], self.subjects[rows], extras)

    def joined(self, other: Frames) -> Frames:
        """Returns the frames of both, these first; a tag that one of them does not have is empty there."""
        extras = {}
        for name in {**self.extras, **other.extras}:
            parts = [f.extras.get(name, np.full(len(f.y), "")) for f in (self, other)]
            extras[name] = np.concatenate(parts)
        return Frames(
            np.concatenate([self.x, other.x]),
            np.concatenate([self.y, other.y]),
            np.concatenate([self.subjects, other.subjects]),
            extras,
        )


def frames_of(records: Iterable[Record], recipe: Recipe) -> Frames:
    """Returns the frames of records, at most `data.max_frames_per_record` of each, evenly spread.

    Args:
        records: Each with a label that is one of the recipe's classes.
        recipe: Whose preprocessing and teacher are applied.

    Raises:
        InputError: The teacher takes another sampling rate.
    """
    framing = _Framing(recipe)
    for record in records:
        framing.add(record)
    return framing.finish()


class _Framing:
    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.chains: dict[float, Chain] = {}
        self.first: dict[float, int] = {}
        self.pending: dict[tuple[float, int], list[Record]] = defaultdict(list)
        self.waiting = 0
        self.xs: list[NDArray[np.float32]] = []
        self.owners: list[Record] = []  # of each frame, without its signal
        self.teacher, self.targets = _teacher(recipe)

    def add(self, record: Record) -> None:
        group = self.pending[(record.rate_hz, len(record.signal))]
        group.append(record)
        self.waiting += len(record.signal)
        if len(group) == _BATCH:
            self.waiting -= sum(len(one.signal) for one in group)
            self._flush(group)
            group.clear()
        elif self.waiting > _WAITING:
            self._flush_all()

    def finish(self) -> Frames:
        self._flush_all()
        if not self.owners:
            return Frames(np.empty((0, 0), np.float32), np.empty(0, np.int64), np.empty(0, np.str_))
        classes = {name: index for index, name in enumerate(self.recipe.classes)}
        y = np.array([classes[one.label] for one in self.owners], np.int64)
        subjects = np.array([one.subject for one in self.owners])
        extras: dict[str, NDArray[Any]] = {"record": np.array([one.name for one in self.owners])}
        for tag in sorted({tag for one in self.owners for tag in one.tags}):
            extras[TAG + tag] = np.array([one.tags.get(tag, "") for one in self.owners])
        if self.targets:
            extras[TEACHER] = self.targets.all()
        return Frames(np.concatenate(self.xs)[..., None], y, subjects, extras)

    def _flush_all(self) -> None:
        for group in self.pending.values():
            if group:
                self._flush(group)
        self.pending.clear()
        self.waiting = 0

    def _flush(self, batch: list[Record]) -> None:
        rate = batch[0].rate_hz
        if rate not in self.chains:
            self.chains[rate] = Chain.design(self.recipe.preproc.steps, rate, self.recipe.preproc.input)
            self.first[rate] = first_frame(self.chains[rate]) if self._needs_first else 0
        chain = self.chains[rate]
        signals = np.stack([record.signal for record in batch])
        missing = self.first[rate] - signals.shape[1]
        if self.recipe.data.pad and missing > 0:
            signals = np.pad(signals, ((0, 0), (0, missing)))
        made = chain.frames_batch(signals)
        keep = _spread(made.shape[1], self.recipe.data.max_frames_per_record)
        for record, signal, frames in zip(batch, signals, made[:, keep], strict=True):
            self.xs.append(frames)
            bare = Record(record.subject, record.name, _NOTHING, rate, record.label, record.tags)
            self.owners.extend([bare] * len(frames))
            self._teach(record, signal, keep, chain)

    @property
    def _needs_first(self) -> bool:
        return self.recipe.data.pad or bool(self.teacher and self.recipe.teacher.hears == "frame")

    def _teach(self, record: Record, signal: NDArray[np.float32], keep: list[int], chain: Chain) -> None:
        """Asks for the target of each frame that was kept."""
        if self.teacher is None or self.targets is None:
            return
        if record.rate_hz != self.teacher.rate_hz:
            raise InputError(
                where=f"teacher '{self.teacher.name}'", what="takes another sampling rate",
                expected=f"{self.teacher.rate_hz:g} Hz", found=f"{record.rate_hz:g} Hz in '{record.name}'",
                hint=f"--set data.options.rate_hz={self.teacher.rate_hz:g}",
            )  # fmt: skip
        if self.recipe.teacher.hears == "record":
            self.targets.add([record.signal] * len(keep))
            return
        hop, length = record.rate_hz / chain.output.rate_hz, self.first[record.rate_hz]
        self.targets.add(signal[round(i * hop) : round(i * hop) + length] for i in keep)


_NOTHING: NDArray[np.float32] = np.empty(0, np.float32)


def first_frame(chain: Chain) -> int:
    """Returns how many samples a chain takes for its first frame.

    Args:
        chain: Any.

    Raises:
        InputError: It gives none for 16 million samples.
    """

    def gives(samples: int) -> bool:
        return bool(chain.frames_batch(np.zeros((1, samples), np.float32)).shape[1])

    most = 1
    while not gives(most):
        if most > _LONGEST:
            raise InputError(where="preproc.steps", what=f"give no frame for {most:,} samples")
        most *= 2
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if gives(middle) else (middle, most)
    return most


def _teacher(recipe: Recipe) -> tuple[teachers.Loaded | None, Targets | None]:
    if not recipe.teacher.name:
        return None, None
    loaded = teachers.load(recipe.teacher.name, recipe.teacher.options)
    return loaded, Targets(loaded.name, loaded.digest, loaded.size, loaded)


def _spread(available: int, wanted: int) -> list[int]:
    """Returns at most `wanted` frame numbers, evenly spread."""
    count = min(available, wanted)
    return [i * available // count for i in range(count)] if count else []

"""The contract of a task on speech: recordings of new speakers -> waveforms of one length, and the truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import Record
from edgekit.errors import InputError
from edgekit.registry import Registry

LEVEL = 0.05  # root mean square of every waveform, -26 dB of full scale: level tells nothing
MOST = 24  # clips of a speaker: a long package does not outweigh the others


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """What a probe is asked.

    Args:
        waves: float32 [n, samples] within +-1.
        labels: str [m], the truth; m = n, or the number of pairs.
        groups: str [m], who speaks; the interval is over these.
        folds: int64 [m] where folds do not follow from groups; else None.
        pairs: int64 [m, 2], indices into `waves` where two are compared; else None.
    """

    waves: NDArray[np.float32]
    labels: NDArray[np.str_]
    groups: NDArray[np.str_]
    folds: NDArray[np.int64] | None = None
    pairs: NDArray[np.int64] | None = None

    def features(self, embeddings: NDArray[np.float32]) -> NDArray[np.float64]:
        """Returns what the probe sees of each trial.

        Args:
            embeddings: float [n, d], one per waveform.

        Returns:
            float64 [m, d]: the embeddings; of pairs the squared differences of the embeddings at unit norm,
            so that the probe weighs the terms of their squared distance.
        """
        x = np.asarray(embeddings, np.float64)
        if self.pairs is None:
            return x
        x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
        return np.asarray((x[self.pairs[:, 0]] - x[self.pairs[:, 1]]) ** 2, np.float64)


class SpeechTask(ABC):
    """One task; its module defines an instance named TASK.

    Class attributes:
        title: What is told apart.
        truth: Why the labels are true.
        synthetic: Whether the recordings are degraded here, with known truth.
    """

    title: ClassVar[str]
    truth: ClassVar[str]
    synthetic: ClassVar[bool] = False

    @abstractmethod
    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns the trials.

        Args:
            records: Sound with tags, at one rate; of speakers whom no part of the embedding has heard.
            seconds: Length of each waveform.
            seed: Of what is drawn; the same seed and records give the same trials.

        Raises:
            InputError: The records do not have what the task needs.
        """


REGISTRY: Registry[SpeechTask] = Registry(
    kind="training.noss",
    attribute="TASK",
    type=SpeechTask,  # type: ignore[type-abstract]
    framework=frozenset({"base", "degraded", "evaluate"}),
)


def cut(record: Record, seconds: float) -> NDArray[np.float32]:
    """Returns the loudest stretch of a recording at `LEVEL`, padded with silence where it is shorter.

    Returns:
        float32 [samples] within +-1.
    """
    samples = round(seconds * record.rate_hz)
    signal = record.signal.astype(np.float64)
    if len(signal) > samples:
        power = np.cumsum(np.concatenate([[0.0], signal**2]))
        start = int(np.argmax(power[samples:] - power[:-samples]))
        signal = signal[start : start + samples]
    return levelled(np.pad(signal, (0, samples - len(signal))))


def levelled(signal: NDArray[np.float64]) -> NDArray[np.float32]:
    """Returns a signal at `LEVEL`, clipped at +-1."""
    level = float(np.sqrt(np.mean(signal**2)))
    return np.clip(signal * (LEVEL / max(level, 1e-9)), -1, 1).astype(np.float32)


def chosen(
    records: Iterable[Record], key: Callable[[Record], str], seed: int, most: int = MOST
) -> list[Record]:
    """Returns at most `most` records of each key, drawn evenly, in the order of `records`.

    Args:
        records: To choose from.
        key: Whom a record counts for; "" leaves it out.
        seed: Of the draw.
        most: Of each key.
    """
    found: dict[str, list[tuple[int, Record]]] = defaultdict(list)
    for index, record in enumerate(records):
        if name := key(record):
            found[name].append((index, record))
    random = np.random.default_rng(seed)
    kept: list[tuple[int, Record]] = []
    for items in found.values():
        take = random.permutation(len(items))[:most]
        kept += [items[int(i)] for i in take]
    return [record for _, record in sorted(kept, key=lambda item: item[0])]


def labelled(records: Sequence[Record], label: Callable[[Record], str], seconds: float, title: str) -> Trials:
    """Returns one trial per record, grouped by subject.

    Args:
        records: Chosen.
        label: The truth about a record.
        seconds: Length of each waveform.
        title: Of the task, for the message.

    Raises:
        InputError: There are no records of two classes.
    """
    labels = np.array([label(record) for record in records], str)
    if len(np.unique(labels)) < 2:
        raise InputError(
            where=title,
            what="has no recordings of two classes",
            found=", ".join(np.unique(labels)) or "none",
            hint="more held-out subjects, or more sources",
        )
    return Trials(
        np.stack([cut(record, seconds) for record in records]),
        labels,
        np.array([record.subject for record in records]),
    )


def speaker(record: Record) -> str:
    """Returns who speaks, or "" where that is not known."""
    return record.tags.get("speaker", "")

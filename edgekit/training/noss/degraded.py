"""Real recordings that are degraded here by a known amount."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import Record
from edgekit.training.noss.base import SpeechTask, Trials, chosen, labelled, levelled, speaker

_LOWEST_RATE_HZ = 16000  # a file below it has lost its treble before


class Degraded(SpeechTask):
    """Each recording is heard once, in one of the conditions, dealt out evenly within each speaker.

    Class attributes:
        conditions: Their names; the first leaves a recording as it is.
    """

    truth = "the degradation is made here, on real recordings"
    synthetic = True
    conditions: ClassVar[tuple[str, ...]]

    @abstractmethod
    def degrade(
        self, wave: NDArray[np.float64], rate_hz: float, condition: str, random: np.random.Generator
    ) -> NDArray[np.float64]:
        """Returns a waveform [n] in a condition, as long or longer."""

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns one trial per recording of a known speaker; see `SpeechTask.trials`."""
        kept = chosen(records, _wide_band_speaker, seed)
        heard: dict[str, int] = {}
        conditions: dict[str, str] = {}
        for record in kept:
            heard[record.subject] = heard.get(record.subject, -1) + 1
            conditions[record.name] = self.conditions[heard[record.subject] % len(self.conditions)]
        trials = labelled(kept, lambda record: conditions[record.name], seconds, self.title)
        random = np.random.default_rng(seed)
        for wave, record, label in zip(trials.waves, kept, trials.labels.tolist(), strict=True):
            made = self.degrade(wave.astype(np.float64), record.rate_hz, label, random)
            wave[:] = levelled(made[: len(wave)])
        return trials


def _wide_band_speaker(record: Record) -> str:
    wide = float(record.tags.get("file_rate_hz", 0)) >= _LOWEST_RATE_HZ
    return speaker(record) if wide else ""

"""A woman's voice or a man's."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.data.base import Record
from edgekit.training.noss.base import SpeechTask, Trials, chosen, labelled, speaker


class Voice(SpeechTask):
    """Speakers of whom it is documented."""

    title = "Female or male voice"
    truth = "names of folders, roles, and given names in the credits"

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns one trial per recording."""
        kept = chosen(records, lambda record: speaker(record) if "voice" in record.tags else "", seed)
        return labelled(kept, lambda record: record.tags["voice"], seconds, self.title)


TASK = Voice()

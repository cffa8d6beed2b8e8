"""A letter's name or a syllable."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.data.base import Record
from edgekit.training.noss.base import SpeechTask, Trials, chosen, labelled, speaker


class Unit(SpeechTask):
    """Letters against syllables, both by the same speakers."""

    title = "Letter or syllable"
    truth = "the folder"

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns one trial per recording of the speakers who have both."""
        both = {"letter", "syllable"}
        units: dict[str, set[str]] = {}
        for record in records:
            units.setdefault(speaker(record), set()).add(record.tags.get("unit", ""))
        speakers = {name for name, found in units.items() if name and both <= found}
        kept = chosen(
            records,
            lambda record: (
                f"{speaker(record)} {record.tags['unit']}"
                if speaker(record) in speakers and record.tags.get("unit") in both
                else ""
            ),
            seed,
        )
        return labelled(kept, lambda record: record.tags["unit"], seconds, self.title)


TASK = Unit()

"""Speech, or the sound of a thing."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.data.base import Record
from edgekit.training.noss.base import SpeechTask, Trials, chosen, labelled


class Kind(SpeechTask):
    """Speech against animals, vehicles, tools and weather."""

    title = "Speech or other sound"
    truth = "the layout of the packages"

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns one trial per recording; groups of sounds are the things that make them."""
        kept = chosen(records, lambda record: record.tags.get("speaker", record.subject), seed)
        return labelled(kept, lambda record: record.tags["kind"], seconds, self.title)


TASK = Kind()

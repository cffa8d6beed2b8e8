"""Which language is spoken: the task that does not count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edgekit.data.base import Record
from edgekit.training.noss.base import SpeechTask, Trials, chosen, labelled, speaker

_SPEAKERS = 3  # of a language, so that each fold has one


class Language(SpeechTask):
    """Languages with three speakers or more; groups are speakers."""

    title = "Language"
    truth = "the folder"

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns one trial per recording; that one person may be two speakers can only raise the score."""
        speakers: dict[str, set[str]] = defaultdict(set)
        for record in records:
            if speaker(record):
                speakers[_language(record)].add(speaker(record))
        wanted = {name for name, found in speakers.items() if len(found) >= _SPEAKERS}
        kept = chosen(records, lambda record: speaker(record) if _language(record) in wanted else "", seed)
        made = labelled(kept, _language, seconds, self.title)
        return replace(made, groups=np.array([speaker(record) for record in kept]))


def _language(record: Record) -> str:
    return record.tags.get("language", "").partition("_")[0]


TASK = Language()

"""Which of some speakers it is, known from other clips."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from edgekit.data.base import Record
from edgekit.training.noss.base import SpeechTask, Trials, chosen, labelled, speaker

_FOLDS = 4
_FEWEST = 12  # clips of a speaker


class SpeakerIdentity(SpeechTask):
    """Speakers new to the embedding, enrolled with three quarters of their clips."""

    title = "Which speaker"
    truth = "one voice per package and language, assumed"

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns one trial per clip, dealt into four folds; a subject lends its longest speaker alone."""
        counts = Counter((record.subject, speaker(record)) for record in records if speaker(record))
        longest = {
            subject: name for (subject, name), n in sorted(counts.items(), key=lambda i: i[1]) if n >= _FEWEST
        }
        kept = chosen(
            records,
            lambda record: speaker(record) if longest.get(record.subject) == speaker(record) else "",
            seed,
        )
        made = labelled(kept, speaker, seconds, self.title)
        folds = np.empty(len(kept), np.int64)
        for name in np.unique(made.labels):
            where = np.flatnonzero(made.labels == name)
            folds[where] = np.arange(len(where)) % _FOLDS
        return replace(made, folds=folds)


TASK = SpeakerIdentity()

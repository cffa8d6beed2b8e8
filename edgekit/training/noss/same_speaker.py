"""Whether two clips are of one speaker."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from edgekit.data.base import Record
from edgekit.errors import InputError
from edgekit.training.noss.base import SpeechTask, Trials, chosen, cut, speaker

_FOLDS = 4
_PAIRS = 20  # of each kind, per speaker
_FEWEST = 10  # clips of a speaker


class SameSpeaker(SpeechTask):
    """As many pairs of one speaker as of two, these from one package where there are two."""

    title = "Same speaker or another"
    truth = "one voice per package and language, assumed; others are of another language"

    def trials(self, records: Sequence[Record], seconds: float, seed: int) -> Trials:
        """Returns pairs; subjects are dealt into folds first, and no pair reaches over two."""
        counts = Counter(speaker(record) for record in records if speaker(record))
        kept = chosen(
            records, lambda record: speaker(record) if counts[speaker(record)] >= _FEWEST else "", seed
        )
        random = np.random.default_rng(seed)
        subjects = sorted({record.subject for record in kept})
        if len(subjects) < 2 * _FOLDS:
            raise InputError(
                where=self.title,
                what="has too few subjects",
                expected=f"{2 * _FOLDS}",
                found=str(len(subjects)),
            )
        order = random.permutation(len(subjects))
        fold_of = {subjects[int(i)]: n % _FOLDS for n, i in enumerate(order)}
        by_speaker: dict[str, list[int]] = defaultdict(list)
        for index, record in enumerate(kept):
            by_speaker[speaker(record)].append(index)
        pairs, labels, groups, folds = [], [], [], []
        for name, own in by_speaker.items():
            first = kept[own[0]]
            fold = fold_of[first.subject]
            strangers = [
                i
                for i, record in enumerate(kept)
                if fold_of[record.subject] == fold and record.subject != first.subject
            ]
            near = [
                i for i in strangers if kept[i].tags.get("source") == first.tags.get("source")
            ] or strangers
            for label, others in (("same", own), ("other", near)):
                for _ in range(_PAIRS):
                    one = int(random.choice(own))
                    two = int(random.choice([i for i in others if i != one]))
                    pairs.append((one, two))
                    labels.append(label)
                    groups.append(name)
                    folds.append(fold)
        return Trials(
            np.stack([cut(record, seconds) for record in kept]),
            np.array(labels),
            np.array(groups),
            np.array(folds, np.int64),
            np.array(pairs, np.int64),
        )


TASK = SameSpeaker()

"""Several embeddings on the same tasks: the teacher beside the student, float beside int8."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit import console
from edgekit.data.base import Record
from edgekit.errors import InputError, Problem
from edgekit.training.noss.base import REGISTRY
from edgekit.training.probes import Probe, probe

Embed = Callable[[NDArray[np.float32]], ArrayLike]
_BATCH = 128


@dataclass(frozen=True, slots=True)
class Row:
    """One task.

    Args:
        task, title: Its registry key and what it tells apart.
        synthetic: Whether its recordings are degraded on purpose.
        probes: What each embedding scored, by name.
        counts: Whether the reference beats chance beyond its interval.
    """

    task: str
    title: str
    synthetic: bool
    probes: Mapping[str, Probe]
    counts: bool


@dataclass(frozen=True, slots=True)
class Noss:
    """All tasks.

    Args:
        rows: Tasks that could be asked.
        skipped: Those that the records do not allow, with the reason.
        reference: Name of the embedding that decides which tasks count.
    """

    rows: Sequence[Row]
    skipped: Sequence[Problem]
    reference: str

    @property
    def counted(self) -> list[Row]:
        """The tasks that count."""
        return [row for row in self.rows if row.counts]

    def mean(self, name: str) -> float:
        """Returns an embedding's mean balanced accuracy over the tasks that count; NaN where none does."""
        return float(np.mean([row.probes[name].accuracy for row in self.counted] or [np.nan]))

    def to_dict(self) -> dict[str, Any]:
        """Returns everything, for JSON."""
        names = list(self.rows[0].probes) if self.rows else []
        return {
            "reference": self.reference,
            "tasks": [
                {
                    "task": row.task,
                    "title": row.title,
                    "synthetic": row.synthetic,
                    "counts": row.counts,
                    "probes": {
                        name: {**asdict(found), "beats_chance": found.beats_chance}
                        for name, found in row.probes.items()
                    },
                }
                for row in self.rows
            ],
            "mean": {name: self.mean(name) for name in names} if self.counted else {},
            "skipped": [{"where": problem.where, "what": problem.what} for problem in self.skipped],
        }

    def markdown(self) -> str:
        """Returns a table: tasks by embeddings, each with its interval, and the mean of those that count."""
        names = list(self.rows[0].probes) if self.rows else []
        lines = ["| Task | Speakers | n | Chance | " + " | ".join(names) + " | Counts |"]
        lines.append("|---" * (len(names) + 5) + "|")
        for row in self.rows:
            first = row.probes[self.reference]
            cells = [f"{p.accuracy:.3f} ({p.low:.3f}-{p.high:.3f})" for p in row.probes.values()]
            title = f"{row.title} (synthetic degradation)" if row.synthetic else row.title
            lines.append(
                f"| {title} | {first.groups} | {first.n} | {first.chance:.3f} | "
                + " | ".join(cells)
                + f" | {'yes' if row.counts else 'no'} |"
            )
        means = " | ".join(f"{self.mean(name):.3f}" for name in names)
        lines.append(f"| Mean of the {len(self.counted)} that count | | | | {means} | |")
        return "\n".join(lines) + "\n"


def noss(
    embeddings: Mapping[str, Embed],
    records: Sequence[Record],
    reference: str,
    tasks: Sequence[str] = (),
    *,
    seconds: float = 0.975,
    seed: int = 0,
) -> Noss:
    """Probes each embedding on each task, on the same waveforms and folds.

    Args:
        embeddings: By name: float32 [n, samples] within +-1, at the records' rate -> float [n, d].
        records: Of subjects that no embedding was trained, distilled, quantised or chosen on.
        reference: Name of the embedding (the teacher) that decides which tasks count.
        tasks: Registry keys; all of them by default.
        seconds: Length of the waveforms.
        seed: Of trials, folds and intervals.

    Raises:
        InputError: The reference or a task is unknown, or an embedding is not finite.
    """
    if reference not in embeddings:
        raise InputError(
            where="noss", what="has no such embedding", expected=", ".join(embeddings), found=reference
        )
    rows: list[Row] = []
    skipped: list[Problem] = []
    for key in console.track(list(tasks) or REGISTRY.keys(), "Probing"):
        task = REGISTRY.get(key)
        try:
            trials = task.trials(records, seconds, seed)
        except InputError as fault:
            skipped += [Problem(key, problem.what, found=problem.found) for problem in fault.problems]
            continue
        probes = {}
        for name, embed in embeddings.items():
            batches = [
                np.asarray(embed(trials.waves[start : start + _BATCH]))
                for start in range(0, len(trials.waves), _BATCH)
            ]
            features = trials.features(np.concatenate(batches))
            probes[name] = probe(features, trials.labels, trials.groups, trials.folds, seed=seed)
        rows.append(Row(key, task.title, task.synthetic, probes, probes[reference].beats_chance))
    return Noss(rows, skipped, reference)

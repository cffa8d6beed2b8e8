"""Splits by subject: disjoint, stratified by label, the same on every machine."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from edgekit.errors import InputError, Problem

LEARNT = ("train", "validation")
"""Splits whose labels training sees."""


def assign(subjects: Mapping[str, str], shares: Mapping[str, float], seed: int = 0) -> dict[str, str]:
    """Returns the split of each subject.

    Subjects of one label are ordered by a hash of (seed, subject) and dealt out so that each split
    is at every moment as near to its share as it can be; each split with a share gets a subject of
    the label as long as there are enough. Neither the order of `subjects` nor subjects of other
    labels have an influence.

    Args:
        subjects: Label by subject (see `labels_by_subject`).
        shares: Positive share of the subjects by split; they need not sum to 1.
        seed: Another seed gives another split.

    Returns:
        Split by subject, in the order of `subjects`.

    Raises:
        InputError: No splits, or a share that is not a positive finite number; all at once.
    """
    problems = [
        Problem(f"splits.{name}", "is not a positive share", expected="a number > 0", found=repr(share))
        for name, share in shares.items()
        if not (math.isfinite(share) and share > 0)
    ]
    if not shares:
        problems.append(Problem("splits", "there are none", expected="e.g. {train: 0.8, test: 0.2}"))
    if problems:
        raise InputError(problems)
    groups: dict[str, list[str]] = defaultdict(list)
    for subject, label in subjects.items():
        groups[label].append(subject)
    chosen: dict[str, str] = {}
    for members in groups.values():
        members.sort(key=lambda subject: hashlib.sha256(f"{seed}\0{subject}".encode()).digest())
        chosen |= dict(zip(members, _deal(len(members), shares), strict=True))
    return {subject: chosen[subject] for subject in subjects}


def thinned(
    chosen: Mapping[str, str], subjects: Mapping[str, str], share: float, seed: int = 0
) -> dict[str, str]:
    """Returns the splits with a share of the subjects of `LEARNT`; the others keep all of theirs.

    A smaller share is part of a larger one, and a label that has subjects keeps one at least.

    Args:
        chosen: Split by subject, as `assign` returns it.
        subjects: Label by subject.
        share: Above 0, at most 1.
        seed: Of `assign`.
    """
    if share >= 1:
        return dict(chosen)
    left: set[str] = set()
    for name in LEARNT:
        members = {subject: subjects[subject] for subject, split in chosen.items() if split == name}
        dealt = assign(members, {"kept": share, "left": 1 - share}, seed)
        left |= {subject for subject, part in dealt.items() if part == "left"}
    return {subject: split for subject, split in chosen.items() if subject not in left}


def labels_by_subject(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Returns the most frequent label of each subject (of equals the first in the alphabet).

    Args:
        pairs: (subject, label) of every record.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for subject, label in pairs:
        counts[subject][label] += 1
    return {
        subject: min(count, key=lambda label: (-count[label], label)) for subject, count in counts.items()
    }


def _deal(total: int, shares: Mapping[str, float]) -> list[str]:
    """Returns `total` split names, interleaved: largest remainders give the number of each."""
    whole = sum(shares.values())
    exact = {name: total * share / whole for name, share in shares.items()}
    counts = {name: math.floor(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: counts[name] - exact[name])
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    for name in counts:  # a split that rounding left empty takes one from the largest
        largest = max(counts, key=lambda other: counts[other])
        if counts[name] == 0 and counts[largest] > 1:
            counts[largest] -= 1
            counts[name] += 1
    return [name for name, count in counts.items() for _ in range(count)]

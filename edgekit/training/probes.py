"""Linear probes: what a frozen embedding lets a linear classifier tell about people whom it has not heard.

Source of the method: J. Shor et al., "Towards Learning a Universal Non-Semantic Representation of Speech",
arXiv:2002.12764 (NOSS): frozen embedding, logistic regression, one score per task, their mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edgekit.errors import InputError, Problem

_STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # scikit-learn's C: the inverse of the L2 penalty
_ITERATIONS = 300
_LEVEL = 0.95
_GROUPS, _GROUPS_PER_CLASS = 6, 3  # least, for folds by group


@dataclass(frozen=True, slots=True)
class Probe:
    """What a probe scored on groups that neither its weights nor its regularisation have seen.

    Args:
        accuracy: Balanced accuracy, the mean recall of the classes.
        low, high: Its 95 % interval over groups (speakers), not over examples.
        chance: 1 / classes, what guessing scores.
        n: Examples; each was tested once.
        groups: Groups that they are of.
        classes: Names of the classes.
        plain: Share of examples that were right; `majority` is what the commonest class alone would give.
        majority: Share of the commonest class.
    """

    accuracy: float
    low: float
    high: float
    chance: float
    n: int
    groups: int
    classes: tuple[str, ...]
    plain: float
    majority: float

    @property
    def beats_chance(self) -> bool:
        """Whether chance lies below the whole interval."""
        return self.low > self.chance


def probe(
    embeddings: ArrayLike,
    labels: Sequence[str] | NDArray[np.str_],
    groups: Sequence[str] | NDArray[np.str_],
    folds: NDArray[np.int64] | None = None,
    *,
    seed: int = 0,
    resamples: int = 2000,
) -> Probe:
    """Cross-validates logistic regression on standardised embeddings.

    Each fold is tested once. The next fold chooses the regularisation among five strengths, the others
    fit; then both fit the classifier that is tested. Classes weigh the same, whatever their sizes.

    Args:
        embeddings: float [n, d], finite.
        labels: [n] class of each.
        groups: [n] speaker of each; by default no group is in two folds.
        folds: int [n] of three folds or more, where groups are to be parted otherwise: to recognise
            speakers, each needs clips in every fold.
        seed: Of the folds and of the interval.
        resamples: Of the bootstrap.

    Raises:
        InputError: Shapes differ, values are not finite, there is one class or there are too few groups.
    """
    x = np.asarray(embeddings, np.float64)
    y, who = np.asarray(labels, str), np.asarray(groups, str)
    _check(x, y, who, folds)
    names = np.unique(y)
    parts = _folds(y, who, seed) if folds is None else np.asarray(folds)
    right = _predict(x, y, parts) == y
    low, high = _interval(right, y, who, seed, resamples)
    recall = [right[y == name].mean() for name in names]
    counts = [int((y == name).sum()) for name in names]
    return Probe(
        accuracy=float(np.mean(recall)),
        low=low,
        high=high,
        chance=1 / len(names),
        n=len(y),
        groups=len(np.unique(who)),
        classes=tuple(names.tolist()),
        plain=float(right.mean()),
        majority=max(counts) / len(y),
    )


def _check(
    x: NDArray[np.float64], y: NDArray[np.str_], who: NDArray[np.str_], folds: NDArray[np.int64] | None
) -> None:
    problems = []
    if x.ndim != 2 or not len(x) == len(y) == len(who):
        found = f"{list(x.shape)}, {len(y)} labels, {len(who)} groups"
        raise InputError(where="probe", what="embeddings, labels and groups do not match", found=found)
    bad = int(np.count_nonzero(~np.isfinite(x).all(axis=1)))
    if bad:
        problems.append(Problem("probe", "embeddings are not finite", found=f"{bad} of {len(x)}"))
    problems += too_few(y, who, folds)
    if problems:
        raise InputError(problems)


def too_few(
    labels: NDArray[np.str_], groups: NDArray[np.str_], folds: NDArray[np.int64] | None
) -> list[Problem]:
    """Returns what forbids a probe of these examples: one class, or too few groups in all or of a class.

    Args:
        labels, groups, folds: As `probe` takes them.
    """
    names, who = np.unique(labels), np.unique(groups)
    problems = []
    if len(names) < 2:
        problems.append(Problem("probe", "needs two classes", found=", ".join(names) or "none"))
    if len(who) < _GROUPS:
        problems.append(
            Problem("probe", "has too few groups", f"{_GROUPS} speakers or more", found=str(len(who)))
        )
    fewest = min((len(np.unique(groups[labels == name])) for name in names), default=0)
    if not problems and folds is None and fewest < _GROUPS_PER_CLASS:
        expected = f"{_GROUPS_PER_CLASS} or more"
        problems.append(Problem("probe", "has too few groups of a class", expected, found=str(fewest)))
    return problems


def _folds(y: NDArray[np.str_], who: NDArray[np.str_], seed: int) -> NDArray[np.int64]:
    """Returns the fold of each example: groups whole, classes as even as they can be."""
    from sklearn.model_selection import StratifiedGroupKFold

    per_class = min(len(np.unique(who[y == name])) for name in np.unique(y))
    splitter = StratifiedGroupKFold(min(5, per_class), shuffle=True, random_state=seed)
    parts = np.empty(len(y), np.int64)
    for index, (_, test) in enumerate(splitter.split(y, y, who)):
        parts[test] = index
    return parts


def _predict(x: NDArray[np.float64], y: NDArray[np.str_], parts: NDArray[np.int64]) -> NDArray[np.str_]:
    """Returns the class that is predicted for each example by a classifier that has not seen its fold."""
    from sklearn.metrics import balanced_accuracy_score

    made = np.empty_like(y)
    kinds = np.unique(parts)
    if len(kinds) < 3:
        raise InputError(where="probe", what="has too few folds", expected="3 or more", found=str(len(kinds)))
    for index, part in enumerate(kinds):
        test, check = parts == part, parts == kinds[(index + 1) % len(kinds)]
        fit = ~(test | check)
        scores = [
            balanced_accuracy_score(y[check], _fit(x[fit], y[fit], strength).predict(x[check]))
            for strength in _STRENGTHS
        ]
        made[test] = _fit(x[~test], y[~test], _STRENGTHS[int(np.argmax(scores))]).predict(x[test])
    return made


def _fit(x: NDArray[np.float64], y: NDArray[np.str_], strength: float):  # type: ignore[no-untyped-def]
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    logistic = LogisticRegression(C=strength, class_weight="balanced", max_iter=_ITERATIONS)
    return make_pipeline(StandardScaler(), logistic).fit(x, y)


def _interval(
    right: NDArray[np.bool_], y: NDArray[np.str_], who: NDArray[np.str_], seed: int, resamples: int
) -> tuple[float, float]:
    """Returns the interval of the balanced accuracy by a bootstrap over groups.

    Source: the expanded percentile interval of T. Hesterberg, "What Teachers Should Know about the
    Bootstrap", arXiv:1411.5279: percentiles are widened as Student's t is, for few groups. Where a group
    has one class (the voice of a speaker), groups are drawn class by class; where it is the only one of its
    class (who speaks), its recall counts as often as it is drawn.
    """
    from scipy import stats

    classes, of_class = np.unique(y, return_inverse=True)
    members, of_group = np.unique(who, return_inverse=True)
    total = np.zeros((len(members), len(classes)))
    good = np.zeros_like(total)
    np.add.at(total, (of_group, of_class), 1)
    np.add.at(good, (of_group, of_class), right)
    random = np.random.default_rng(seed)
    pure = bool(((total > 0).sum(axis=1) == 1).all())
    per_class = (total > 0).sum(axis=0)
    if pure and (per_class == 1).all():
        recall = good.sum(axis=1) / total.sum(axis=1)
        drawn = recall[random.integers(len(members), size=(resamples, len(members)))].mean(axis=1)
        count = len(members)
    else:
        strata = (
            [np.flatnonzero(total[:, c]) for c in range(len(classes))] if pure else [np.arange(len(members))]
        )
        times = np.zeros((resamples, len(members)))
        for stratum in strata:
            times[:, stratum] = random.multinomial(
                len(stratum), np.full(len(stratum), 1 / len(stratum)), size=resamples
            )
        seen = times @ total
        recalls = np.divide(times @ good, seen, out=np.full_like(seen, np.nan), where=seen > 0)
        drawn = np.nanmean(recalls, axis=1)
        count = int(min(len(stratum) for stratum in strata))
    tail = (1 - _LEVEL) / 2
    if count > 1:
        tail = float(stats.norm.cdf(math.sqrt(count / (count - 1)) * stats.t.ppf(tail, count - 1)))
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return float(low), float(high)

"""The effect of each choice: linear regression of metric and costs on all choices together.

Ordinary least squares with dummy variables, one per option against the first of its choice, and 95 %
intervals by Student's t (e.g. Montgomery, Peck and Vining, "Introduction to Linear Regression Analysis").
Costs are regressed in their logarithm, so an effect is a share. What cannot be told apart, because two
choices always changed together, is left out rather than guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.report.sweep import Effect, Interval, Trial

_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Column:
    """One variable of the regression.

    Args:
        choice, option, against: As in `Effect`.
        values: float64 [n], by trial.
    """

    choice: str
    option: str
    against: str
    values: NDArray[np.float64]


def effects(
    trials: Sequence[Trial], options: Mapping[str, Sequence[str]], ranges: Mapping[str, bool]
) -> list[Effect]:
    """Returns what each option does to the metric, the instructions and the flash.

    Args:
        trials: All of them; those without a figure take no part in its regression.
        options: Labels by choice, the first of which the others are compared with.
        ranges: Choices that are numbers, and whether their logarithm is what counts.
    """
    figures: dict[str, Callable[[Trial], float | None]] = {
        "metric": lambda t: t.value,
        "instructions": lambda t: float(np.log(max(1, t.cost.instructions))) if t.cost else None,
        "flash_bytes": lambda t: float(np.log(max(1, t.cost.flash_bytes))) if t.cost else None,
    }
    found: dict[tuple[str, str, str], dict[str, Interval]] = {}
    for name, figure in figures.items():
        known = [(t, v) for t in trials if (v := figure(t)) is not None]
        columns = _columns([t for t, _ in known], options, ranges)
        fitted = regress(columns, np.array([v for _, v in known], np.float64))
        for column, interval in zip(columns, fitted, strict=True):
            if interval is not None:
                key = column.choice, column.option, column.against
                found.setdefault(key, {})[name] = interval if name == "metric" else _share(interval)
    return [
        Effect(choice=choice, option=option, against=against, **intervals)
        for (choice, option, against), intervals in found.items()
    ]


def regress(columns: Sequence[Column], y: NDArray[np.float64]) -> list[Interval | None]:
    """Returns the coefficient of each column beside a constant.

    Args:
        columns: Variables.
        y: float64 [n].

    Returns:
        One per column; None where the data do not determine it. Without interval where no degree of
        freedom is left.
    """
    if not columns or not len(y):
        return [None] * len(columns)
    x = np.column_stack([np.ones(len(y)), *(column.values for column in columns)])
    solution, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    inverse = np.linalg.pinv(x.T @ x)
    # A coefficient is determined where its unit vector lies in the row space of x.
    determined = np.abs(np.diag(np.linalg.pinv(x) @ x) - 1) < 1e-8
    free = len(y) - int(rank)
    half = np.full(x.shape[1], np.nan)
    if free > 0:
        from scipy import stats

        variance = float(((y - x @ solution) ** 2).sum()) / free
        half = stats.t.ppf(0.5 + _LEVEL / 2, free) * np.sqrt(np.maximum(variance * np.diag(inverse), 0))
    return [_interval(solution[i], half[i]) if determined[i] else None for i in range(1, x.shape[1])]


def _interval(value: float, half: float) -> Interval:
    if np.isnan(half):
        return Interval(value=float(value))
    return Interval(value=float(value), low=float(value - half), high=float(value + half))


def _columns(
    trials: Sequence[Trial], options: Mapping[str, Sequence[str]], ranges: Mapping[str, bool]
) -> list[Column]:
    made: list[Column] = []
    for choice, labels in options.items():
        taken = [trial.point.get(choice, "") for trial in trials]
        seen = [label for label in labels if label in taken]
        for label in seen[1:]:
            made.append(Column(choice, label, seen[0], np.array([t == label for t in taken], np.float64)))
    for choice, log in ranges.items():
        values = np.array([float(trial.point[choice]) for trial in trials])
        if len(values) and values.min() < values.max():
            scaled = np.log(values) if log else values
            share = (scaled - scaled.min()) / (scaled.max() - scaled.min())
            made.append(Column(choice, f"{values.max():g}", f"{values.min():g}", share))
    return made


def _share(interval: Interval) -> Interval:
    """Returns an effect on a logarithm as a share."""
    ends = [None if end is None else float(np.expm1(end)) for end in (interval.low, interval.high)]
    return Interval(value=float(np.expm1(interval.value)), low=ends[0], high=ends[1])

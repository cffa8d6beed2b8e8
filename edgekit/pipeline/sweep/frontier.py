"""The Pareto frontier: trials that no other beats in both the metric and the cost."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.report.sweep import Metric, Trial


def frontier(trials: Sequence[Trial], metric: Metric) -> list[int]:
    """Returns the numbers of the trials on the frontier, the cheapest first.

    Of trials with the same metric and the same instructions the one of least flash stands for all.

    Args:
        trials: Those that may be chosen: finished, and within every limit.
        metric: Which direction is better.
    """
    sign = 1.0 if metric.higher_is_better else -1.0
    ranked = sorted(
        (trial.cost.instructions, -sign * trial.value, trial.cost.flash_bytes, trial.number)
        for trial in trials
        if trial.cost is not None and trial.value is not None
    )
    kept: list[int] = []
    best = float("inf")
    for _, badness, _, number in ranked:
        if badness < best:
            best = badness
            kept.append(number)
    return kept

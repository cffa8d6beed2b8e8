"""Which steps run together, row by row, and by which kernels: dynamic programming over consecutive steps."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.rows.candidates import Candidate, Candidates

_LEAN = 2  # sizes of strips, from the shortest, for which kernels are chosen that need little memory
_FEW = 4  # steps of a group whose kernels are chosen so
_TOLERANCE = 1.004  # of the least footprint
_WORTH = 0.97  # part of the cost that a longer group must promise to come down to


def least(candidates: Candidates) -> int:
    """Returns the smallest footprint at which the search finds a way to run all steps.

    Args:
        candidates: What there is to choose from.
    """
    singles = [min(found.footprint for found in ways) for ways in candidates.singles]
    high = max(singles, default=0)
    low = max(candidates.floor, 1)
    while high > low * _TOLERANCE:
        middle = (low + high) // 2
        reached = _feasible(candidates, singles, middle)
        if reached is None:
            low = middle + 1
        else:
            high = reached
    return high


@dataclass(frozen=True, slots=True)
class Choice:
    """How to run all steps.

    Args:
        lowering: The steps.
        cost: Instructions, roughly.
    """

    lowering: Lowering
    cost: float


def cheapest(candidates: Candidates, limit: int) -> Choice | None:
    """Returns the cheapest steps whose footprints stay within a limit; None where there are none.

    Args:
        candidates: What there is to choose from.
        limit: Bytes.
    """
    count = len(candidates.singles)
    costs = [0.0] + [float("inf")] * count
    chosen: list[Candidate | None] = [None] * (count + 1)
    tight = [ways[0].footprint > limit for ways in candidates.singles]
    for end in range(count):
        for way in candidates.singles[end]:
            if way.footprint <= limit and costs[end] + way.cost < costs[end + 1]:
                costs[end + 1], chosen[end + 1] = costs[end] + way.cost, way
        for first in range(end, -1, -1):
            if not candidates.joinable(first, end):
                if end - first + 1 > candidates.longest:
                    break
                continue
            promised = costs[first] + sum(ways[0].cost for ways in candidates.singles[first : end + 1])
            if not any(tight[first : end + 1]) or promised > _WORTH * costs[end + 1]:
                continue
            found = _within(candidates, first, end, limit)
            if found is not None and costs[first] + found.cost < costs[end + 1]:
                costs[end + 1], chosen[end + 1] = costs[first] + found.cost, found
    steps: list[Step] = []
    while count:
        last = chosen[count]
        if last is None:
            return None
        steps.insert(0, last.step)
        count = last.first
    return Choice(Lowering(candidates.graph, tuple(steps)), costs[-1])


def _feasible(candidates: Candidates, singles: list[int], limit: int) -> int | None:
    """Returns the largest footprint of steps that all stay within a limit; None where there are none."""
    count = len(singles)
    best: list[int | None] = [0] + [None] * count
    for end in range(count):
        reached = best[end]
        found = [max(reached, singles[end])] if reached is not None and singles[end] <= limit else []
        for first in range(end, max(-1, end - candidates.longest), -1):
            before = best[first]
            if found or before is None or max(singles[first : end + 1]) <= limit:
                continue
            if candidates.joinable(first, end) and candidates.least(first, end) <= limit:
                lean = tuple(levels - 1 for levels in candidates.levels(first, end))
                for rows in candidates.rows(first, end)[: -_LEAN - 1 : -1]:
                    way = candidates.group(first, end, rows, lean)
                    if way is not None and way.footprint <= limit:
                        found.append(max(before, way.footprint))
        best[end + 1] = min(found, default=None)
    return best[count]


def _within(candidates: Candidates, first: int, last: int, limit: int) -> Candidate | None:
    """Returns a group of some steps that stays within a limit: long strips, by the best kernels."""
    most = candidates.levels(first, last)
    rows_of_strips = candidates.rows(first, last)
    possible = [rows for rows in rows_of_strips if candidates.least(first, last, rows) <= limit]
    for rows in possible:
        way = candidates.group(first, last, rows, (0,) * len(most))
        if way is not None and way.footprint <= limit:
            return way
    lean = tuple(levels - 1 for levels in most)
    for rows in rows_of_strips[-_LEAN:]:
        way = None
        if last - first < _FEW:
            way = _leaner(candidates, first, last, rows, limit)
        way = way or candidates.group(first, last, rows, lean)
        if way is not None and way.footprint <= limit:
            return way
    return None


def _leaner(candidates: Candidates, first: int, last: int, rows: int, limit: int) -> Candidate | None:
    """Returns a group within a limit; the kernel with most scratch memory gives way till it fits."""
    most = candidates.levels(first, last)
    levels = [0] * len(most)
    way = candidates.group(first, last, rows, tuple(levels))
    while way is not None and way.footprint > limit:
        group = way.step.group
        assert group is not None
        others = [i for i in range(len(most)) if levels[i] + 1 < most[i]]
        if not others:
            return None
        levels[max(others, key=lambda i: group.stages[i].call.scratch_bytes)] += 1
        way = candidates.group(first, last, rows, tuple(levels))
    return way

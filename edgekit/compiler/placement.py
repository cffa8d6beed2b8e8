"""Finds offsets for blocks of memory, some of which may overlap at a distance."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

SEARCH_COST = 2_000_000  # placements tried, times blocks compared
_BEAM = 24  # partial placements that are followed
_GRAIN = 16  # bytes between the sizes of arenas that are tried


@dataclass(slots=True)
class Block:
    """Memory that must not move: one tensor with its aliases and in-place successors, or scratch.

    Args:
        size: Bytes, rounded up to whole words or elements.
        align: Alignment of the offset.
        first, last: Steps between which it is in use, both included; -1 is before the first step.
        tensors: Root tensors that lie in it.
        step: The step whose scratch it is, or -1.
    """

    size: int
    align: int
    first: int
    last: int
    tensors: list[int]
    step: int = -1


class Near(NamedTuple):
    """Another block in use at the same time: offsets in (its - below, its + above) are forbidden."""

    block: int
    below: int
    above: int


def up(value: int, align: int) -> int:
    """Returns `value` rounded up to a multiple of `align`."""
    return -(-value // align) * align


def neighbours(
    blocks: Sequence[Block], distances: dict[tuple[int, int], tuple[int, int]]
) -> list[list[Near]]:
    """Returns, for each block, the others in use at the same time.

    Args:
        blocks: What to place.
        distances: By (read, written) block, the least distances at which the one that is read lies
            above and below the other; elsewhere they are disjoint.
    """
    near: list[list[Near]] = [[] for _ in blocks]
    live: list[int] = []
    for i in sorted(range(len(blocks)), key=lambda i: blocks[i].first):
        live = [j for j in live if blocks[j].last >= blocks[i].first]
        for j in live:
            above_i, above_j = blocks[j].size, blocks[i].size  # of i above j, of j above i
            if (i, j) in distances:
                forward, backward = distances[i, j]
                above_i, above_j = min(above_i, forward), min(above_j, backward)
            elif (j, i) in distances:
                forward, backward = distances[j, i]
                above_i, above_j = min(above_i, backward), min(above_j, forward)
            near[i].append(Near(j, above_j, above_i))
            near[j].append(Near(i, above_i, above_j))
        live.append(i)
    return near


def bound(blocks: Sequence[Block], near: Sequence[Sequence[Near]]) -> int:
    """Returns what no placement can go below: the memory in use at one step, less what may overlap."""
    change: dict[int, int] = {}
    for i, block in enumerate(blocks):
        change[block.first] = change.get(block.first, 0) + block.size
        change[block.last + 1] = change.get(block.last + 1, 0) - block.size
        for other in near[i]:
            saved = block.size + blocks[other.block].size - min(_extents(blocks, i, other))
            if other.block < i and saved:  # such a pair meets at one step only
                step = max(block.first, blocks[other.block].first)
                change[step] = change.get(step, 0) - saved
                change[step + 1] = change.get(step + 1, 0) + saved
    peak = used = 0
    for step in sorted(change):
        used += change[step]
        peak = max(peak, used)
    return max(peak, max((block.size for block in blocks), default=0))


def extent(blocks: Sequence[Block], offsets: Sequence[int]) -> int:
    """Returns the bytes that a placement takes."""
    return max((o + b.size for o, b in zip(offsets, blocks, strict=True)), default=0)


def search(blocks: Sequence[Block], near: Sequence[Sequence[Near]]) -> list[int]:
    """Returns an offset for each block: the best placement over several strategies.

    Blocks are placed greedily, largest first (Pisarchyk and Lee, "Efficient Memory Management for
    Deep Neural Net Inference", arXiv:2001.03288), then in other orders; in order of time, each at
    the low or the high end of a given arena (a beam search over both, which solves chains); and by
    random changes of the order, until the bound is reached or the budget is spent.

    Args:
        blocks: What to place.
        near: For each block, those in use at the same time.
    """
    count = len(blocks)
    least = bound(blocks, near)
    by_size = sorted(range(count), key=lambda i: (-blocks[i].size, blocks[i].first))
    by_time = sorted(range(count), key=lambda i: (blocks[i].step >= 0, blocks[i].first, -blocks[i].size))
    by_area = sorted(by_size, key=lambda i: -blocks[i].size * (blocks[i].last - blocks[i].first + 1))
    trials = [(by_size, None), (by_area, None), (by_time, None), (by_time, least), (by_size, least)]
    trials.append((by_time, least + 16))  # room to align scratch in the middle
    best = min((_place(blocks, *trial, near) for trial in trials), key=lambda found: extent(blocks, found))
    best = _ends(blocks, near, least, best)
    order = list(by_size)
    random_source = random.Random(0)
    rounds = SEARCH_COST // max(1, sum(len(others) for others in near))
    reached = extent(blocks, _place(blocks, order, None, near))
    for _ in range(min(rounds, 2000)):
        if extent(blocks, best) <= least:
            break
        trial = list(order)
        moved = trial.pop(random_source.randrange(count))
        trial.insert(random_source.randrange(count), moved)
        offsets = _place(blocks, trial, None, near)
        if extent(blocks, offsets) <= reached:
            order, reached = trial, extent(blocks, offsets)
            best = min(best, offsets, key=lambda found: extent(blocks, found))
    return best


def _extents(blocks: Sequence[Block], i: int, other: Near) -> tuple[int, int]:
    """Returns what a block takes together with another, lying above it and below it."""
    mine, its = blocks[i].size, blocks[other.block].size
    return max(other.above + mine, its), max(other.below + its, mine)


def first_fit(blocks: Sequence[Block], order: Sequence[int], near: Sequence[Sequence[Near]]) -> list[int]:
    """Returns an offset for each block, placed in `order` at the lowest that is free."""
    return _place(blocks, order, None, near)


def _ends(blocks: Sequence[Block], near: Sequence[Sequence[Near]], least: int, best: list[int]) -> list[int]:
    """Improves on `best` by bisection: over the extents of pairs, which decide chains, then over any."""
    order = sorted(range(len(blocks)), key=lambda i: (blocks[i].first, blocks[i].step >= 0, -blocks[i].size))
    pairs = {
        up(size, blocks[i].align)
        for i, others in enumerate(near)
        for other in others
        for size in _extents(blocks, i, other)
    }
    reached = extent(blocks, best)
    sizes = sorted({least, *(size for size in pairs if least < size < reached)})
    best, failed = _bisect(blocks, order, near, sizes, best)
    finer = range(up(failed + 1, _GRAIN), extent(blocks, best), _GRAIN)
    return _bisect(blocks, order, near, finer, best)[0]


def _bisect(
    blocks: Sequence[Block],
    order: Sequence[int],
    near: Sequence[Sequence[Near]],
    sizes: Sequence[int],
    best: list[int],
) -> tuple[list[int], int]:
    """Returns the placement within the least of `sizes` that one is found for, and the next smaller size."""
    low, high = 0, len(sizes) if sizes and sizes[0] < extent(blocks, best) else 0
    while low < high:
        middle = (low + high) // 2
        found = _beam(blocks, order, near, sizes[middle])
        if found is None:
            low = middle + 1
        else:
            best, high = found, middle
    return best, sizes[low - 1] if low else extent(blocks, best)


def _beam(
    blocks: Sequence[Block], order: Sequence[int], near: Sequence[Sequence[Near]], capacity: int
) -> list[int] | None:
    """Returns a placement within `capacity`, each block at its lowest or highest free offset."""
    states = [[-1] * len(blocks)]
    for i in order:
        after: dict[tuple[int, ...], list[int]] = {}
        for offsets in states:
            taken = _taken(offsets, near[i])
            for offset in (_lowest(taken, blocks[i]), _highest(taken, blocks[i], capacity)):
                if offset is None or offset + blocks[i].size > capacity:
                    continue
                made = list(offsets)
                made[i] = offset
                after.setdefault(_live(blocks, order, made, blocks[i].first), made)
        states = list(after.values())[:_BEAM]
    return states[0] if states else None


def _live(
    blocks: Sequence[Block], order: Sequence[int], offsets: Sequence[int], step: int
) -> tuple[int, ...]:
    return tuple(offsets[i] for i in order if blocks[i].last >= step and offsets[i] >= 0)


def _place(
    blocks: Sequence[Block], order: Sequence[int], capacity: int | None, near: Sequence[Sequence[Near]]
) -> list[int]:
    """Places blocks in `order` at the lowest free offset.

    Args:
        blocks: What to place.
        order: Positions in `blocks`.
        capacity: None, or an extent; then a block that meets one at the low end goes flush to the
            high end, so that the members of a chain take turns.
        near: For each block, those in use at the same time.

    Returns:
        An offset for each block.
    """
    offsets = [-1] * len(blocks)
    for i in order:
        taken = _taken(offsets, near[i])
        offset = _lowest(taken, blocks[i])
        if capacity is not None and offset > 0:
            high = _highest(taken, blocks[i], capacity)
            offset = offset if high is None else high
        offsets[i] = offset
    return offsets


def _taken(offsets: Sequence[int], others: Sequence[Near]) -> list[tuple[int, int]]:
    """Returns the open intervals in which an offset is forbidden."""
    return [(offsets[j] - below, offsets[j] + above) for j, below, above in others if offsets[j] >= 0]


def _lowest(taken: Sequence[tuple[int, int]], block: Block) -> int:
    offset = 0
    for start, end in sorted(taken):
        if start < offset < end:
            offset = up(end, block.align)
    return offset


def _highest(taken: Sequence[tuple[int, int]], block: Block, capacity: int) -> int | None:
    offset = (capacity - block.size) // block.align * block.align
    for start, end in sorted(taken, key=lambda span: -span[1]):
        if start < offset < end:
            offset = start // block.align * block.align
    return offset if offset >= 0 else None

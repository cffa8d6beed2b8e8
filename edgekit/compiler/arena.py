"""The arena: where each activation lies, decided at export.

A planner takes a `Lowering` and returns a `Plan`; `plan` here places whole tensors, operator by
operator. `edgekit.compiler.replay` judges any plan without knowing how it was made.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edgekit.compiler.lowering import Lowering
from edgekit.errors import InputError

ARENA_ALIGN = 16  # of the arena itself
TENSOR_ALIGN = 4  # kernels may read words of int8 tensors; wider elements keep their own size
SCRATCH_ALIGN = 16  # vectors of any element type
MAX_ARENA_BYTES = 1 << 26
_SEARCH_COST = 2_000_000  # placements tried, times blocks compared


@dataclass(frozen=True, slots=True)
class Plan:
    """A placement of every tensor that lives in the arena.

    Args:
        arena_bytes: Extent of the arena.
        offsets: Byte offset by tensor index; aliases included.
        scratch: Byte offset of a step's working memory, by position of the step.
    """

    arena_bytes: int
    offsets: dict[int, int]
    scratch: dict[int, int]


Planner: TypeAlias = Callable[[Lowering], Plan]


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


def plan(lowering: Lowering) -> Plan:
    """Returns a placement of whole tensors, as small as a bounded search finds.

    Blocks are placed greedily, largest first (Pisarchyk and Lee, "Efficient Memory Management for
    Deep Neural Net Inference", arXiv:2001.03288), then in other orders and from both ends of the
    arena, until the peak of the memory in use is reached or the search budget is spent. For a
    chain the result is that peak: the largest sum over one step.

    Args:
        lowering: The lowered program.

    Raises:
        InputError: The activations alone need more than 64 MiB.
    """
    blocks = find_blocks(lowering)
    peak = peak_bytes(blocks)
    if peak > MAX_ARENA_BYTES:
        raise InputError(
            where="arena",
            what="the activations are too large for any microcontroller",
            expected=f"at most {MAX_ARENA_BYTES} bytes",
            found=f"{peak} bytes",
            hint="use a smaller input or fewer channels",
        )
    offsets = _search(blocks, peak)
    placed = list(zip(blocks, offsets, strict=True))
    at = {tensor: offset for block, offset in placed for tensor in block.tensors}
    for step in lowering.steps:
        for tensor in step.node.outputs:
            if lowering.root(tensor) in at:
                at[tensor] = at[lowering.root(tensor)]
    return Plan(
        arena_bytes=max((offset + block.size for block, offset in placed), default=0),
        offsets=dict(sorted(at.items())),
        scratch={block.step: offset for block, offset in placed if block.step >= 0},
    )


def find_blocks(lowering: Lowering) -> list[Block]:
    """Returns what has to be placed, with lifetimes; in-place pairs of one size are one block."""
    blocks = {}
    for tensor, (first, last) in lowering.lifetimes().items():
        align = _align(lowering, tensor)
        size = _up(lowering.graph.tensors[tensor].nbytes, align)
        blocks[tensor] = Block(size, align, first, last, [tensor])
    scratch = []
    for position, step in enumerate(lowering.steps):
        if step.call is None:
            continue
        if step.call.scratch_bytes:
            size = _up(step.call.scratch_bytes, TENSOR_ALIGN)
            scratch.append(Block(size, SCRATCH_ALIGN, position, position, [], step=position))
        inputs = [lowering.root(tensor) for tensor in step.call.inputs]
        for source, destination in step.call.in_place:
            _merge(blocks, inputs, source, step.call.outputs[destination], position)
    unique = {id(block): block for block in blocks.values()}
    return [*unique.values(), *scratch]


def peak_bytes(blocks: Sequence[Block]) -> int:
    """Returns the most memory in use at one step, below which no placement can go."""
    change: dict[int, int] = {}
    for block in blocks:
        change[block.first] = change.get(block.first, 0) + block.size
        change[block.last + 1] = change.get(block.last + 1, 0) - block.size
    peak = used = 0
    for step in sorted(change):
        used += change[step]
        peak = max(peak, used)
    return peak


def _meetings(blocks: Sequence[Block]) -> list[list[int]]:
    """Returns, for each block, which others are in use at the same time."""
    meeting: list[list[int]] = [[] for _ in blocks]
    live: list[int] = []
    for i in sorted(range(len(blocks)), key=lambda i: blocks[i].first):
        live = [j for j in live if blocks[j].last >= blocks[i].first]
        for j in live:
            meeting[i].append(j)
            meeting[j].append(i)
        live.append(i)
    return meeting


def _merge(blocks: dict[int, Block], inputs: list[int], source: int, output: int, position: int) -> None:
    mine, other = blocks[inputs[source]], blocks[output]
    dying = mine.last == position and inputs.count(inputs[source]) == 1
    fresh = other.first == position  # else it already took the place of another input
    if not (dying and fresh) or (mine.size, mine.align) != (other.size, other.align):
        return
    mine.last = other.last
    mine.tensors.extend(other.tensors)
    for tensor in other.tensors:
        blocks[tensor] = mine


def _align(lowering: Lowering, tensor: int) -> int:
    return max(TENSOR_ALIGN, lowering.graph.tensors[tensor].dtype.itemsize)


def _up(value: int, align: int) -> int:
    return -(-value // align) * align


def _search(blocks: Sequence[Block], peak: int) -> list[int]:
    """Returns an offset for each block: the best placement over several orders."""
    count = len(blocks)
    by_size = sorted(range(count), key=lambda i: (-blocks[i].size, blocks[i].first))
    by_time = sorted(range(count), key=lambda i: (blocks[i].step >= 0, blocks[i].first, -blocks[i].size))
    by_area = sorted(by_size, key=lambda i: -blocks[i].size * (blocks[i].last - blocks[i].first + 1))
    meeting = _meetings(blocks)
    trials = [(by_size, None), (by_area, None), (by_time, None), (by_time, peak), (by_size, peak)]
    trials.append((by_time, peak + SCRATCH_ALIGN))  # room to align scratch in the middle
    best = min(
        (_place(blocks, order, meeting, capacity) for order, capacity in trials),
        key=lambda offsets: _extent(blocks, offsets),
    )
    order = list(by_size)
    random_source = random.Random(0)
    rounds = _SEARCH_COST // max(1, sum(len(near) for near in meeting))
    for _ in range(min(rounds, 2000)):
        if _extent(blocks, best) <= peak:
            break
        trial = list(order)
        moved = trial.pop(random_source.randrange(count))
        trial.insert(random_source.randrange(count), moved)
        offsets = _place(blocks, trial, meeting, None)
        if _extent(blocks, offsets) <= _extent(blocks, best):
            best, order = offsets, trial
    return best


def _extent(blocks: Sequence[Block], offsets: Sequence[int]) -> int:
    return max((o + b.size for o, b in zip(offsets, blocks, strict=True)), default=0)


def _place(
    blocks: Sequence[Block], order: Sequence[int], meeting: Sequence[Sequence[int]], capacity: int | None
) -> list[int]:
    """Places blocks in `order` at the lowest free offset.

    Args:
        blocks: What to place.
        order: Positions in `blocks`.
        meeting: For each block, which others are in use at the same time.
        capacity: None, or an extent; then a block that meets one at the low end goes flush to the
            high end, so that the members of a chain take turns.

    Returns:
        An offset for each block.
    """
    offsets = [-1] * len(blocks)
    for i in order:
        taken = sorted((offsets[j], offsets[j] + blocks[j].size) for j in meeting[i] if offsets[j] >= 0)
        offset = _lowest(taken, blocks[i])
        if capacity is not None and offset > 0:
            high = _highest(taken, blocks[i], capacity)
            offset = offset if high is None else high
        offsets[i] = offset
    return offsets


def _lowest(taken: Sequence[tuple[int, int]], block: Block) -> int:
    offset = 0
    for start, end in taken:
        if offset + block.size <= start:
            break
        offset = max(offset, _up(end, block.align))
    return offset


def _highest(taken: Sequence[tuple[int, int]], block: Block, capacity: int) -> int | None:
    end = capacity
    for start, stop in sorted(taken, key=lambda span: -span[1]):
        offset = (end - block.size) // block.align * block.align
        if offset >= stop:
            return offset
        end = min(end, start)
    offset = (end - block.size) // block.align * block.align
    return offset if offset >= 0 else None

"""The arena: where each activation lies, decided at export.

A planner takes a `Lowering` and returns a `Plan`; `plan` here places whole tensors, operator by
operator. `edgekit.compiler.replay` judges any plan without knowing how it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from edgekit.compiler.lowering import Lowering
from edgekit.compiler.ops.base import KernelCall
from edgekit.compiler.placement import Block, bound, extent, neighbours, search, up
from edgekit.errors import InputError

ARENA_ALIGN = 16  # of the arena itself
TENSOR_ALIGN = 4  # kernels may read words of int8 tensors; wider elements keep their own size
SCRATCH_ALIGN = 16  # vectors of any element type
MAX_ARENA_BYTES = 1 << 26


@dataclass(frozen=True, slots=True)
class Plan:
    """A placement of every tensor that lives in the arena.

    Args:
        arena_bytes: Extent of the arena.
        offsets: Byte offset by tensor index; aliases included.
        scratch: Byte offset of a step's working memory, by position of the step.
        backward: Positions of the steps whose kernel starts at the last pixel.
    """

    arena_bytes: int
    offsets: dict[int, int]
    scratch: dict[int, int]
    backward: frozenset[int] = frozenset()

    def directed(self, lowering: Lowering) -> Lowering:
        """Returns `lowering` with the calls told that start at the last pixel."""
        steps = list(lowering.steps)
        for position in self.backward:
            call = steps[position].lowered
            assert isinstance(call, KernelCall)
            told = replace(call, params={**call.params, "backward": True})
            steps[position] = replace(steps[position], lowered=told)
        return Lowering(lowering.graph, tuple(steps))


Planner: TypeAlias = Callable[[Lowering], Plan]


def plan(lowering: Lowering) -> Plan:
    """Returns a placement of whole tensors, as small as a bounded search finds.

    A tensor that a call writes may lie on one that dies in it, as far as the call allows; the
    result is never larger than the same search finds for tensors kept apart.

    Args:
        lowering: The lowered program.

    Raises:
        InputError: The activations alone need more than 64 MiB.
    """
    blocks = find_blocks(lowering)
    near = neighbours(blocks, distances(lowering, blocks))
    least = bound(blocks, near)
    if least > MAX_ARENA_BYTES:
        raise InputError(
            where="arena",
            what="the activations are too large for any microcontroller",
            expected=f"at most {MAX_ARENA_BYTES} bytes",
            found=f"{least} bytes",
            hint="use a smaller input or fewer channels",
        )
    offsets = search(blocks, near)
    if extent(blocks, offsets) > least:
        offsets = min(offsets, search(blocks, neighbours(blocks, {})), key=lambda o: extent(blocks, o))
    placed = list(zip(blocks, offsets, strict=True))
    at = {tensor: offset for block, offset in placed for tensor in block.tensors}
    for step in lowering.steps:
        for tensor in step.node.outputs:
            if lowering.root(tensor) in at:
                at[tensor] = at[lowering.root(tensor)]
    return Plan(
        arena_bytes=extent(blocks, offsets),
        offsets=dict(sorted(at.items())),
        scratch={block.step: offset for block, offset in placed if block.step >= 0},
        backward=_backward(lowering, at),
    )


def find_blocks(lowering: Lowering) -> list[Block]:
    """Returns what has to be placed, with lifetimes; in-place pairs of one size are one block."""
    blocks = {}
    for tensor, (first, last) in lowering.lifetimes().items():
        align = _align(lowering, tensor)
        size = up(lowering.graph.tensors[tensor].nbytes, align)
        blocks[tensor] = Block(size, align, first, last, [tensor])
    scratch = []
    for position, step in enumerate(lowering.steps):
        if step.call is None:
            continue
        if step.call.scratch_bytes:
            size = up(step.call.scratch_bytes, TENSOR_ALIGN)
            scratch.append(Block(size, SCRATCH_ALIGN, position, position, [], step=position))
        inputs = [lowering.root(tensor) for tensor in step.call.inputs]
        for source, destination in step.call.in_place:
            _merge(blocks, inputs, source, step.call.outputs[destination], position)
    unique = {id(block): block for block in blocks.values()}
    return [*unique.values(), *scratch]


def distances(lowering: Lowering, blocks: Sequence[Block]) -> dict[tuple[int, int], tuple[int, int]]:
    """Returns how far blocks that overlap must stay apart, for `neighbours`.

    Such a pair is one that dies and one that begins in the same call, which names it as an overlap.
    """
    of = {tensor: i for i, block in enumerate(blocks) for tensor in block.tensors}
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for position, step in enumerate(lowering.steps):
        if step.call is None:
            continue
        inputs = [lowering.root(tensor) for tensor in step.call.inputs]
        for pair in step.call.overlap:
            read, written = inputs[pair.input], step.call.outputs[pair.output]
            dying = blocks[of[read]].last == position and inputs.count(read) == 1
            if dying and blocks[of[written]].first == position:
                backward = pair.backward if len(step.call.overlap) == 1 else None  # one direction for all
                apart = blocks[of[read]].size
                found[of[read], of[written]] = (pair.forward, apart if backward is None else backward)
    return found


def _backward(lowering: Lowering, at: Mapping[int, int]) -> frozenset[int]:
    """Returns the steps whose kernel must start at the last pixel: the output lies on and above the input."""
    found = set()
    for position, step in enumerate(lowering.steps):
        for pair in step.call.overlap if step.call else ():
            assert step.call is not None
            read, written = step.call.inputs[pair.input], step.call.outputs[pair.output]
            above = at[written] - at[lowering.root(read)]
            shared = 0 <= above < lowering.graph.tensors[read].nbytes
            if shared and -above < pair.forward and pair.backward is not None:
                found.add(position)
    return frozenset(found)


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

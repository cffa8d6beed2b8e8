"""Where windows and scratch memory lie within a group, and how near its output may come to its inputs.

All of it is read off the schedule: at each strip, what is held, read and written are intervals of bytes
from the beginning of their buffers, and two buffers must lie so far apart that those never meet. A kernel
that goes through a strip in order may write over what it has read of it, as its call says.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, permutations
from typing import TypeAlias

from edgekit.compiler.ops.base import KernelCall, Overlap
from edgekit.compiler.placement import Block, Near, extent, first_fit, up
from edgekit.compiler.rows.model import Group, Stage, Window
from edgekit.compiler.rows.schedule import lead, run

_ALIGN = 4  # of tensors
_SCRATCH_ALIGN = 16
_ORDERS = 120  # in which windows and scratch are placed
_FAR = 1 << 40  # further apart than anything lies

Interval: TypeAlias = tuple[int, int]


@dataclass(slots=True)
class _Border:
    """What an input from outside and the output of the group may share.

    Args:
        apart: Least distance of the input above the output.
        in_place: The same where rows that a kernel may write in place of those that it reads do not count.
        aligned: Whether such rows lie equally far from the beginnings of both.
    """

    apart: int = -_FAR
    in_place: int = -_FAR
    aligned: bool = True


@dataclass(slots=True)
class _Distances:
    """Least distance of one buffer above another; buffers are tensors, and stages' scratch: -1 - position."""

    above: dict[tuple[int, int], int] = field(default_factory=dict)

    def apart(self, one: int, span: Interval, other: int, its: Interval) -> None:
        """Keeps two spans of bytes apart, whichever lies above."""
        self.least(one, other, _past(its, span))
        self.least(other, one, _past(span, its))

    def least(self, one: int, other: int, distance: int) -> None:
        """Keeps a buffer at least so far above another, unless below."""
        self.above[one, other] = max(distance, self.above.get((one, other), -_FAR))


def arrange(
    stages: Sequence[Stage], row_bytes: Mapping[int, int], spare: int = 0
) -> tuple[Group, KernelCall]:
    """Returns a group, and the call that stands for it among the steps.

    Args:
        stages: In order.
        row_bytes: Of every tensor that is read or written by rows.
        spare: Strips more than needed that windows have room for, so that they move more rarely.
    """
    room = _room(stages, spare)
    distances, borders = _distances(stages, row_bytes, room)
    names = [*room, *(-1 - i for i, stage in enumerate(stages) if stage.call.scratch_bytes)]
    blocks = [
        Block(up(room[name] * row_bytes[name], _ALIGN), _ALIGN, 0, 0, [name])
        if name >= 0
        else Block(up(stages[-1 - name].call.scratch_bytes, _ALIGN), _SCRATCH_ALIGN, 0, 0, [], step=-1 - name)
        for name in names
    ]
    offsets = _place(names, blocks, distances)
    at = dict(zip(names, offsets, strict=True))
    group = Group(
        stages=tuple(stages),
        windows={t: Window(at[t], rows, row_bytes[t], lead(stages, t)) for t, rows in room.items()},
        scratch={-1 - name: offset for name, offset in at.items() if name < 0},
        row_bytes=row_bytes,
    )
    inputs = tuple(dict.fromkeys(r.tensor for stage in stages for r in stage.reads if r.tensor not in room))
    call = KernelCall(
        kernel="",
        params={},
        inputs=inputs,
        outputs=(stages[-1].output,),
        scratch_bytes=extent(blocks, offsets),
        in_place=tuple(
            (inputs.index(t), 0) for t, found in borders.items() if found.aligned and found.in_place <= 0
        ),
        overlap=tuple(Overlap(inputs.index(t), 0, max(0, found.apart)) for t, found in borders.items()),
    )
    return group, call


def _room(stages: Sequence[Stage], spare: int) -> dict[int, int]:
    room = {stage.output: 0 for stage in stages[:-1]}
    for strip in run(stages):
        tensor = stages[strip.stage].output
        if tensor in room:
            room[tensor] = max(room[tensor], strip.end - strip.before[tensor][0])
    return {s.output: min(s.height, room[s.output] + spare * s.rows) for s in stages[:-1]}


def _distances(
    stages: Sequence[Stage], row_bytes: Mapping[int, int], room: Mapping[int, int]
) -> tuple[_Distances, dict[int, _Border]]:
    distances = _Distances()
    made = stages[-1].output
    borders: dict[int, _Border] = {}
    old = {tensor: -lead(stages, tensor) for tensor in room}
    for strip in run(stages, room):
        stage = stages[strip.stage]
        output = stage.output
        held = {t: _bytes(strip.before[t], strip.first[t], row_bytes[t]) for t in room if t != output}
        reads = {read.tensor: j for j, read in enumerate(stage.reads) if read.height}
        written = _bytes((strip.begin, strip.end), strip.first.get(output, 0), row_bytes[output])
        scratch, own = (0, stage.call.scratch_bytes), -1 - strip.stage
        if output in room:
            pending = strip.before[output]
            moved = _hull(
                _bytes(pending, old[output], row_bytes[output]),
                _bytes(pending, strip.first[output], row_bytes[output]),
            )
            for tensor, span in held.items():
                distances.least(output, tensor, _past(span, _hull(moved, written)))
                distances.least(tensor, output, _past(moved, span))
                if tensor not in reads:
                    distances.least(tensor, output, _past(written, span))
            held[output] = _hull(moved, written)
            distances.apart(output, held[output], own, scratch)
        for tensor, span in held.items():
            if tensor != output:
                distances.apart(tensor, span, own, scratch)
                for other, its in held.items():
                    if other not in (tensor, output):
                        distances.apart(tensor, span, other, its)
        for tensor, rows in strip.after.items():
            if tensor == output or (tensor in room) != (output in room):
                continue
            kept = _past(written, _bytes(rows, strip.first.get(tensor, 0), row_bytes[tensor]))
            reading, in_place, aligned = -_FAR, -_FAR, True
            if tensor in reads:
                j = reads[tensor]
                read = stage.reads[j]
                begin = (read.first(strip.begin) - strip.first.get(tensor, 0)) * row_bytes[tensor]
                forward = next((o.forward for o in stage.call.overlap if o.input == j), None)
                reading = written[1] - begin if forward is None else forward + written[0] - begin
                if (j, 0) in stage.call.in_place:
                    aligned = written[0] == begin
                else:
                    in_place = reading
            if output == made:
                border = borders.setdefault(tensor, _Border())
                border.apart = max(border.apart, kept, reading)
                border.in_place = max(border.in_place, kept, in_place)
                border.aligned &= aligned
            elif tensor in reads:
                distances.least(tensor, output, max(kept, reading))
        old = dict(strip.first)
    return distances, borders


def _bytes(rows: Interval, first: int, row_bytes: int) -> Interval:
    return (rows[0] - first) * row_bytes, (rows[1] - first) * row_bytes


def _hull(one: Interval, other: Interval) -> Interval:
    """Returns the least interval that holds two, of which either may be empty."""
    if one[0] >= one[1]:
        return other
    return one if other[0] >= other[1] else (min(one[0], other[0]), max(one[1], other[1]))


def _past(one: Interval, other: Interval) -> int:
    """Returns how far above the one the other must lie to begin where it ends; little where one is empty."""
    return -_FAR if one[0] >= one[1] or other[0] >= other[1] else one[1] - other[0]


def _place(names: Sequence[int], blocks: Sequence[Block], distances: _Distances) -> list[int]:
    """Returns offsets: the best of all orders where they are few, else of some."""
    above = distances.above
    near = [
        [
            Near(j, max(0, above.get((other, name), 0)), max(0, above.get((name, other), 0)))
            for j, other in enumerate(names)
            if (name, other) in above or (other, name) in above
        ]
        for name in names
    ]
    count = len(blocks)
    orders: list[Sequence[int]] = list(islice(permutations(range(count)), _ORDERS))
    if count > 5:
        source = random.Random(0)
        orders += [source.sample(range(count), count) for _ in range(_ORDERS)]
    tried = (first_fit(blocks, order, near) for order in orders)
    return min(tried, key=lambda offsets: extent(blocks, offsets))

"""Judges a plan by replaying every read and write against it, byte by byte.

It shares no code with the planners: it keeps, for every byte of the arena, which tensor was last
written there, and finds out whether each kernel still reads what it should.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.access import order
from edgekit.compiler.arena import ARENA_ALIGN, Plan
from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.ops.base import Alias, KernelCall
from edgekit.compiler.replay_rows import RowsReplay
from edgekit.compiler.rows.model import Group
from edgekit.errors import EnvironmentFailed, Problem

_NOBODY = -1
_SCRATCH = -2
_CHUNK = 1 << 18  # bytes looked at together


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay found.

    Args:
        faults: Every read of a byte that no longer holds its tensor, also by the kernel that overwrites
            it, every overlap that a kernel does not allow, every place outside the arena or misaligned.
        inputs_preserved: Whether all inputs are still whole after the last step.
    """

    faults: tuple[str, ...]
    inputs_preserved: bool


def replay(lowering: Lowering, plan: Plan) -> Replay:
    """Replays `lowering` on `plan`.

    Args:
        lowering: The steps.
        plan: The placement to judge.
    """
    run = _Run(lowering, plan)
    if not run.faults:
        run.steps()
    preserved = not run.faults and not any(run.lost(i) for i in lowering.graph.inputs)
    return Replay(tuple(run.faults), preserved)


def require_valid(lowering: Lowering, plan: Plan) -> Replay:
    """Returns the replay of a plan that holds.

    Args:
        lowering: The steps.
        plan: The placement to judge.

    Raises:
        EnvironmentFailed: It does not hold, which is a fault of the planner.
    """
    result = replay(lowering, plan)
    if result.faults:
        raise EnvironmentFailed(
            Problem("arena plan", fault, hint="this is a fault of edgekit") for fault in result.faults
        )
    return result


class _Run:
    def __init__(self, lowering: Lowering, plan: Plan) -> None:
        self.lowering = lowering
        self.plan = plan
        self.faults: list[str] = []
        self.owner: NDArray[np.int32] = np.full(plan.arena_bytes, _NOBODY, np.int32)
        self.identity: dict[int, int] = {}  # whose bytes an alias reads
        graph = lowering.graph
        self._check_places(graph.inputs, "input of the graph")
        for position, step in enumerate(lowering.steps):
            if isinstance(step.lowered, KernelCall):
                where = _place(step)
                self._check_places((*step.lowered.inputs, *step.lowered.states, *step.lowered.outputs), where)
                if step.lowered.scratch_bytes:
                    start = plan.scratch.get(position)
                    self._check_span(start, step.lowered.scratch_bytes, ARENA_ALIGN, f"{where}: scratch")
            else:
                self._check_places((step.lowered.input, step.lowered.output), _place(step))

    def steps(self) -> None:
        graph = self.lowering.graph
        given = (*graph.inputs, *self.lowering.states)
        for i in given:
            self._free_of_others(i, given)
            self._write(i)
        for position, step in enumerate(self.lowering.steps):
            if isinstance(step.lowered, Alias):
                self._alias(step.lowered, _place(step))
            elif step.group is not None:
                self._group(step, step.group, step.lowered, self.plan.scratch.get(position, 0))
            else:
                self._call(step, step.lowered, self.plan.scratch.get(position, 0))
        for i in graph.outputs:
            if self.lost(i):
                self.faults.append(f"output {i} of the graph is overwritten")
        for i in self.lowering.states:
            if self.lost(i):
                self.faults.append(f"state {i} is overwritten")

    def lost(self, tensor: int) -> bool:
        """Says whether any byte of a tensor was overwritten or never written."""
        return bool((self._bytes(tensor) != self.identity.get(tensor, tensor)).any())

    def _call(self, step: Step, call: KernelCall, scratch: int) -> None:
        where = _place(step)
        for i in (*call.inputs, *call.states):
            if self.lost(i):
                self.faults.append(f"{where} reads tensor {i}, part of which is overwritten")
        working = (scratch, scratch + call.scratch_bytes)
        for i in (*call.inputs, *call.states, *call.outputs):
            if _overlap(working, self._span(i)):
                self.faults.append(f"{where}: scratch lies on tensor {i}")
        for k, written in enumerate(call.outputs):
            self._free_of_others(written, call.outputs)
            for j, read in enumerate(call.inputs):
                shared = (j, k) in call.in_place and self._span(read)[0] == self._span(written)[0]
                if shared or not _overlap(self._span(read), self._span(written)):
                    continue
                fault = self._order_fault(step, call, j, k)
                if fault:
                    self.faults.append(f"{where}: output {written} lies on input {read}{fault}")
        self.owner[working[0] : working[1]] = _SCRATCH
        for i in call.outputs:
            self._write(i)

    def _group(self, step: Step, group: Group, call: KernelCall, memory: int) -> None:
        where = _place(step)
        inside = (memory, memory + call.scratch_bytes)
        for i in (*call.inputs, *call.outputs):
            if _overlap(inside, self._span(i)):
                self.faults.append(f"{where}: windows lie on tensor {i}")
        places = {i: self._span(i)[0] for i in (*call.inputs, *call.outputs)} | {-1: memory}
        self.identity.pop(call.outputs[0], None)
        run = RowsReplay(self.lowering.graph, group, self.owner, places, call.scratch_bytes)
        self.faults.extend(f"{where}: {fault}" for fault in run.faults(self.identity))

    def _order_fault(self, step: Step, call: KernelCall, source: int, made: int) -> str:
        """Returns how a kernel overwrites what it still reads; nothing where its order prevents it."""
        pair = next((p for p in call.overlap if (p.input, p.output) == (source, made)), None)
        if pair is None:
            return ", which it may not share memory with"
        times = order(self.lowering.graph.view(step.node), pair, bool(call.params.get("backward", False)))
        if times is None:
            return ", in an order that is not known"
        read, written = self._span(call.inputs[source]), self._span(call.outputs[made])
        start, end = max(read[0], written[0]), min(read[1], written[1])
        for chunk in range(start, end, _CHUNK):
            at = np.arange(chunk, min(chunk + _CHUNK, end), dtype=np.int64)
            bad = np.flatnonzero(times.written(at - written[0]) < times.read(at - read[0]))
            if bad.size:
                return f", and its byte {at[bad[0]] - read[0]} is overwritten before its last read"
        return ""

    def _alias(self, alias: Alias, where: str) -> None:
        if self._span(alias.input) != self._span(alias.output):
            self.faults.append(f"{where}: tensor {alias.output} does not lie where {alias.input} lies")
        self.identity[alias.output] = self.identity.get(alias.input, alias.input)

    def _free_of_others(self, tensor: int, group: Iterable[int]) -> None:
        for other in group:
            if other != tensor and _overlap(self._span(other), self._span(tensor)):
                self.faults.append(f"tensors {tensor} and {other} are written together and overlap")

    def _check_places(self, tensors: Iterable[int], where: str) -> None:
        for i in tensors:
            tensor = self.lowering.graph.tensors[i]
            align = max(4, tensor.dtype.itemsize)
            self._check_span(self.plan.offsets.get(i), tensor.nbytes, align, f"{where}: tensor {i}")

    def _check_span(self, start: int | None, size: int, align: int, what: str) -> None:
        if start is None:
            self.faults.append(f"{what} has no place")
        elif start < 0 or start + size > self.plan.arena_bytes:
            self.faults.append(f"{what} lies outside the arena")
        elif start % align:
            self.faults.append(f"{what} is not aligned to {align}")

    def _span(self, tensor: int) -> tuple[int, int]:
        start = self.plan.offsets[tensor]
        return start, start + self.lowering.graph.tensors[tensor].nbytes

    def _bytes(self, tensor: int) -> NDArray[np.int32]:
        start, end = self._span(tensor)
        return self.owner[start:end]

    def _write(self, tensor: int) -> None:
        self.identity.pop(tensor, None)
        self._bytes(tensor)[:] = tensor


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _place(step: Step) -> str:
    return f"step {step.node.index}: {step.node.op}"

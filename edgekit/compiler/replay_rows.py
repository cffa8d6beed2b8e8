"""Replays a group that runs row by row: every read and write of every strip, as the generated C does them.

Which rows depend on which is worked out from the nodes, tap by tap; of the group it takes what the C is
written from: places, sizes and rows of windows and strips.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.access import order, rows_read
from edgekit.compiler.graph import Graph
from edgekit.compiler.rows.model import Group, Stage

_ROWS = -3  # rows of windows are numbered from here downwards
_SCRATCH = -2


class RowsReplay:
    """One run of a group.

    Args:
        graph: The graph.
        group: What runs.
        owner: Whose byte each byte of the arena is, by tensor; changed by the run.
        places: Offset of each tensor that lies whole in the arena, and, by -1, of the group's own memory.
        size: Bytes of that memory.
    """

    def __init__(
        self, graph: Graph, group: Group, owner: NDArray[np.int32], places: dict[int, int], size: int
    ) -> None:
        self.graph, self.group, self.owner, self.places = graph, group, owner, places
        self.memory = (places[-1], places[-1] + size)
        self.made = {stage.output: 0 for stage in group.stages}
        self.first = {tensor: -window.lead for tensor, window in group.windows.items()}
        self.codes: dict[tuple[int, int], int] = {}
        self.axis = 1 if graph.tensors[group.stages[-1].output].shape[1] > 1 else 2

    def faults(self, identity: dict[int, int]) -> Iterator[str]:
        """Yields what goes wrong, running the group.

        Args:
            identity: Whose bytes an alias reads.
        """
        self.identity = identity
        last = self.group.stages[-1]
        while self.made[last.output] < last.height:
            stage = self._due()
            found = list(self._strip(stage))
            if found:
                yield from (
                    f"{stage.node.index}: {stage.node.op}, row {self.made[stage.output]}: {f}" for f in found
                )
                return
            self.made[stage.output] = self._stop(stage)

    def _stop(self, stage: Stage) -> int:
        return min(stage.height, self.made[stage.output] + stage.rows)

    def _needs(self, stage: Stage, tensor: int, begin: int, stop: int) -> tuple[int, int]:
        """Returns the input rows that output rows depend on."""
        view = self.graph.view(stage.node)
        spans = [rows_read(view, tensor, self.axis, row) for row in range(begin, stop)]
        return min(a for a, _ in spans), max(b for _, b in spans)

    def _due(self) -> Stage:
        """Returns the stage that runs next: the first that owes rows, directly or not, to the last."""
        owed = {self.group.stages[-1].output: self._stop(self.group.stages[-1])}
        due = self.group.stages[-1]
        for stage in reversed(self.group.stages):
            if self.made[stage.output] >= owed.get(stage.output, 0):
                continue
            due = stage
            for read in stage.reads:
                if read.tensor in self.first:
                    end = self._needs(stage, read.tensor, self.made[stage.output], self._stop(stage))[1]
                    owed[read.tensor] = max(owed.get(read.tensor, 0), end)
        return due

    def _strip(self, stage: Stage) -> Iterator[str]:
        begin, stop = self.made[stage.output], self._stop(stage)
        if stage.output in self.first:
            self._make_room(stage, stop - begin)
            if stop - self.first[stage.output] > self.group.windows[stage.output].rows:
                yield "its window is too small for the rows that are still needed"
                return
        written = self._place(stage.output, begin, stop)
        offset = self.group.scratch.get(self.group.stages.index(stage))
        scratch = (0, 0)
        if stage.call.scratch_bytes:
            if offset is None or (self.memory[0] + offset) % 16:
                yield "its scratch has no aligned place"
                return
            scratch = (self.memory[0] + offset, self.memory[0] + offset + stage.call.scratch_bytes)
        if stage.output in self.first or scratch[0] < scratch[1]:
            for span, what in ((scratch, "scratch"), (written, "output")):
                inner = what == "scratch" or stage.output in self.first
                if inner and span[0] < span[1] and not self.memory[0] <= span[0] <= span[1] <= self.memory[1]:
                    yield f"its {what} lies outside the group's memory"
                    return
        if _meet(scratch, written):
            yield "its scratch lies on its output"
        for position in range(len(stage.reads)):
            yield from self._read(stage, position, begin, stop, written, scratch)
        self.owner[scratch[0] : scratch[1]] = _SCRATCH
        row_bytes = self._row_bytes(stage.output)
        for row in range(begin, stop):
            at = written[0] + (row - begin) * row_bytes
            self.owner[at : at + row_bytes] = self._code(stage.output, row)

    def _read(
        self,
        stage: Stage,
        position: int,
        begin: int,
        stop: int,
        written: tuple[int, int],
        scratch: tuple[int, int],
    ) -> Iterator[str]:
        read = stage.reads[position]
        if not read.height:
            span = (
                self.places[read.tensor],
                self.places[read.tensor] + self.graph.tensors[read.tensor].nbytes,
            )
            if (self.owner[span[0] : span[1]] != self.identity.get(read.tensor, read.tensor)).any():
                yield f"reads tensor {read.tensor}, part of which is overwritten"
            if _meet(span, written) or _meet(span, scratch):
                yield f"writes on tensor {read.tensor}, which it reads"
            return
        needed = self._needs(stage, read.tensor, begin, stop)
        given = (
            max(0, begin * read.stride - read.before),
            min(read.height, (stop - 1) * read.stride - read.before + read.reach),
        )
        if needed != given:
            yield f"is given rows {given} of tensor {read.tensor} and needs {needed}"
            return
        span = self._place(read.tensor, *needed)
        row_bytes = self._row_bytes(read.tensor)
        for row in range(*needed):
            at = span[0] + (row - needed[0]) * row_bytes
            if at < 0 or (self.owner[at : at + row_bytes] != self._code(read.tensor, row)).any():
                yield f"reads row {row} of tensor {read.tensor}, part of which is overwritten"
                return
        if _meet(span, scratch):
            yield f"its scratch lies on tensor {read.tensor}"
        if not _meet(span, written) or ((position, 0) in stage.call.in_place and span == written):
            return
        pair = next((o for o in stage.call.overlap if o.input == position), None)
        times = order(self.graph.view(stage.node), pair, False) if pair else None
        if times is None:
            yield f"its output lies on tensor {read.tensor}, which it may not share memory with"
            return
        shared = np.arange(max(span[0], written[0]), min(span[1], written[1]), dtype=np.int64)
        last = times.read(shared - span[0] + needed[0] * row_bytes)
        if (times.written(shared - written[0] + begin * self._row_bytes(stage.output)) < last).any():
            yield f"overwrites rows of tensor {read.tensor} before their last read"

    def _make_room(self, stage: Stage, count: int) -> None:
        """Moves what is still needed of a window to its beginning, where `count` rows more do not fit."""
        tensor = stage.output
        window, end = self.group.windows[tensor], self.made[tensor]
        if end + count - self.first[tensor] <= window.rows:
            return
        wanted = [end]
        for reader in self.group.stages:
            for read in reader.reads:
                if read.tensor == tensor:
                    wanted.append(max(0, self.made[reader.output] * read.stride - read.before))
        kept = self._place(tensor, min(wanted), end)
        to = self.memory[0] + window.offset
        self.owner[to : to + kept[1] - kept[0]] = self.owner[kept[0] : kept[1]].copy()
        self.first[tensor] = min(wanted)

    def _row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].nbytes // self.graph.tensors[tensor].shape[self.axis]

    def _place(self, tensor: int, begin: int, stop: int) -> tuple[int, int]:
        row_bytes = self._row_bytes(tensor)
        window = self.group.windows.get(tensor)
        start = self.memory[0] + window.offset if window else self.places[tensor]
        start += (begin - self.first.get(tensor, 0)) * row_bytes
        return start, start + (stop - begin) * row_bytes

    def _code(self, tensor: int, row: int) -> int:
        """Returns what marks the bytes of a row: of whole tensors the tensor, else a number of its own."""
        if tensor not in self.first:
            return self.identity.get(tensor, tensor)
        return self.codes.setdefault((tensor, row), _ROWS - len(self.codes))


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return max(one[0], other[0]) < min(one[1], other[1])

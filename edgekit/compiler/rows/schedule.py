"""In which order the stages of a group make their strips, and what each strip reads, writes and leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edgekit.compiler.rows.model import Read, Stage


@dataclass(frozen=True, slots=True)
class Strip:
    """One call of a stage's kernel.

    Args:
        stage: Position of the stage.
        begin, end: Output rows.
        first: By inner tensor, the first row in its window, after this strip's output has got its room.
        before, after: By tensor, the rows that are held when the strip begins and when it is done: those made
            and still to be read. Of tensors from outside, those still to be read.
    """

    stage: int
    begin: int
    end: int
    first: Mapping[int, int]
    before: Mapping[int, tuple[int, int]]
    after: Mapping[int, tuple[int, int]]


def run(stages: Sequence[Stage], room: Mapping[int, int] | None = None) -> Iterator[Strip]:
    """Yields every strip in order.

    Args:
        stages: Of the group.
        room: Rows that each window has room for; None for as many as needed, so that none ever moves.
    """
    made = [0] * len(stages)
    maker = {stage.output: i for i, stage in enumerate(stages)}
    readers: dict[int, list[tuple[int, Read]]] = {}
    for i, stage in enumerate(stages):
        for read in stage.reads:
            if read.height:
                readers.setdefault(read.tensor, []).append((i, read))
    inner = [stage.output for stage in stages[:-1]]
    first = {tensor: -lead(stages, tensor) for tensor in inner}

    def held(tensor: int) -> tuple[int, int]:
        wanted = [
            read.first(made[i])
            for i, read in readers[tensor]
            if tensor in maker or made[i] < stages[i].height
        ]
        end = made[maker[tensor]] if tensor in maker else readers[tensor][0][1].height
        return min([end, *wanted]), end

    while made[-1] < stages[-1].height:
        i = _next(stages, made, maker)
        stage = stages[i]
        before = {tensor: held(tensor) for tensor in readers}
        begin, end = made[i], min(stage.height, made[i] + stage.rows)
        tensor = stage.output
        if room is not None and tensor in room and end - first[tensor] > room[tensor]:
            first[tensor] = before[tensor][0]
        made[i] = end
        yield Strip(i, begin, end, dict(first), before, {t: held(t) for t in before})


def lead(stages: Sequence[Stage], tensor: int) -> int:
    """Returns how many rows a window leaves free at first: its readers' padding in front."""
    reads = [read for stage in stages for read in stage.reads if read.tensor == tensor]
    return min((read.before for read in reads), default=0)


def _next(stages: Sequence[Stage], made: Sequence[int], maker: Mapping[int, int]) -> int:
    """Returns the first stage that lacks rows that are asked of it; the last stage if none does."""
    asked = [0] * len(stages)
    for i in range(len(stages) - 1, -1, -1):
        stage = stages[i]
        if i < len(stages) - 1 and made[i] >= asked[i]:
            continue
        last = min(stage.height, made[i] + stage.rows) - 1
        for read in stage.reads:
            if read.tensor in maker:
                source = maker[read.tensor]
                asked[source] = max(asked[source], read.end(last))
    return next((i for i in range(len(stages) - 1) if made[i] < asked[i]), len(stages) - 1)

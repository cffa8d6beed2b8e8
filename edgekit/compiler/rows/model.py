"""A group of steps that run together, some rows at a time: as plain data.

Each stage of a group is one node, computed by ordinary calls of its kernel on strips: a few rows of its
output, from the rows of its input that these depend on. What only passes from stage to stage never
exists whole: a window holds the rows that are still needed, and moves what is left of them to its
beginning when it is full. A strip of the last stage is begun by asking for it; every stage before it
makes strips as long as rows that are asked of it are missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edgekit.compiler.graph import Node
from edgekit.compiler.ops.base import KernelCall, Param


@dataclass(frozen=True, slots=True)
class Read:
    """How a stage reads one input.

    Args:
        tensor: Its index.
        height: Its rows; 0 where each call reads the whole tensor.
        reach: Rows from the first to the last that one output row depends on.
        stride: Input rows from one output row to the next.
        before: Rows of padding in front of the first.
    """

    tensor: int
    height: int = 0
    reach: int = 0
    stride: int = 0
    before: int = 0

    def first(self, row: int) -> int:
        """Returns the first input row that output row `row` and those after it depend on."""
        return max(0, row * self.stride - self.before)

    def end(self, last: int) -> int:
        """Returns the end of the input rows that output row `last` and those before it depend on."""
        return min(self.height, last * self.stride - self.before + self.reach)


@dataclass(frozen=True, slots=True)
class Strips:
    """Consecutive strips of one shape.

    Args:
        first: Output row at which they begin.
        params: Of the kernel.
    """

    first: int
    params: Mapping[str, Param]


@dataclass(frozen=True, slots=True)
class Stage:
    """One node of a group.

    Args:
        node: The node.
        call: Its kernel, constants, inputs and output; scratch as the largest strip needs it. Distances are
            those of one strip, the least that suit all of them.
        reads: One per input of the call.
        strips: By first row.
        rows: Output rows of a strip; the last may be shorter.
        height: Output rows in all.
        feature: What the core must have for it; "" where any core will do.
    """

    node: Node
    call: KernelCall
    reads: tuple[Read, ...]
    strips: tuple[Strips, ...]
    rows: int
    height: int
    feature: str = ""

    @property
    def output(self) -> int:
        """The tensor that it writes."""
        return self.call.outputs[0]


@dataclass(frozen=True, slots=True)
class Window:
    """Where the rows of a tensor lie that passes between the stages of a group.

    Args:
        offset: From the beginning of the group's scratch memory.
        rows: That it has room for.
        row_bytes: Bytes of one row.
        lead: Rows that are left free in front of the first row at the beginning.
    """

    offset: int
    rows: int
    row_bytes: int
    lead: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Stages that run together.

    Args:
        stages: In the order of the graph; the last one's output is the group's.
        windows: By tensor.
        scratch: By position of the stage, where its kernel's scratch memory lies in the group's.
        row_bytes: Bytes of one row of every tensor that is read or written by rows.
    """

    stages: tuple[Stage, ...]
    windows: Mapping[int, Window]
    scratch: Mapping[int, int]
    row_bytes: Mapping[int, int]

    @property
    def source(self) -> Stage | None:
        """The first stage where that stands for the caller, who pushes rows: it reads nothing."""
        return None if self.stages[0].reads else self.stages[0]

    @property
    def nodes(self) -> tuple[Stage, ...]:
        """The stages that compute nodes."""
        return self.stages[1:] if self.source else self.stages

"""The parts of a run folder and of an export that the report reads, and what they must hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from edgekit.report.base import Part
from edgekit.report.parts import Count

MAX_CLASSES = 1000
MAX_BUFFERS = 20_000

Share = Annotated[float, Field(ge=0, le=1)]


class ClassCount(Part):
    """How much there is of one class in one split."""

    frames: Count
    subjects: Count | None = None
    boxes: Count | None = None


class Skipped(Part):
    """A record that was not used, and why."""

    where: str
    what: str


class DataSummary(Part):
    """`data.json`."""

    dataset: str
    synthetic: bool
    classes: list[str] = Field(max_length=MAX_CLASSES)
    counts: dict[str, dict[str, ClassCount]] = Field(description="by split, then class")
    pictures: dict[str, Count] = Field(
        {}, description="by split; a picture may have boxes of several classes"
    )
    skipped: list[Skipped] = Field([])


class ClassScores(Part):
    """Precision, recall and F1 of one class; null where there is nothing to divide by."""

    precision: Share | None = None
    recall: Share | None = None
    f1: Share | None = None
    support: Count


class Threshold(Part):
    """Results where frames of low confidence are left undecided."""

    value: float
    accuracy: Share | None
    kept: Count
    dropped: Count
    dropped_share: Share


class Scores(Part):
    """How well one model does on the test subjects."""

    name: str = ""
    n: Count
    accuracy: Share
    macro_f1: Share | None = None
    per_class: dict[str, ClassScores] = Field({})
    confusion: list[list[Count]] = Field([], description="rows are true classes")
    threshold: Threshold | None = None


class RealResult(Part):
    """What the model said about recordings of real people, as counts."""

    dataset: str
    counts: dict[str, dict[str, Count]] = Field(description="by true class, then predicted class")


class TaskScore(Part):
    """How well one model does its task, whatever that is."""

    value: float = Field(description="the task's metric")
    n: Count = Field(description="examples that it was measured on")
    rows: list[dict[str, str | int | float | None]] = Field(
        [], max_length=MAX_CLASSES, description="what it is made of, one part per row"
    )


class TaskMetrics(Part):
    """The task's metric of float and INT8 model on the test subjects."""

    name: str
    metric: str
    higher_is_better: bool = True
    float_: TaskScore = Field(alias="float")
    int8: TaskScore


class Metrics(Part):
    """`metrics.json` (`edgekit.metrics/1`)."""

    classes: list[str] = Field(max_length=MAX_CLASSES)
    float_: Scores | None = Field(None, alias="float")
    int8: Scores | None = Field(None, description="the quantised model; its name says 16x8 where it is")
    baseline: Scores | None = None
    task: TaskMetrics | None = None
    real: list[RealResult] = Field([])
    seconds: dict[str, float] = Field({}, description="time of each stage")

    @property
    def quantized(self) -> str:
        """What the quantised model is called: "int8", or its own name, such as "16x8"."""
        return (self.int8.name if self.int8 else "") or "int8"

    @model_validator(mode="after")
    def _square(self) -> Metrics:
        for name, scores in (("float", self.float_), ("int8", self.int8), ("baseline", self.baseline)):
            if scores and not is_square(scores.confusion, len(self.classes)):
                raise ValueError(f"{name}.confusion is not {len(self.classes)} x {len(self.classes)}")
        return self


class Buffer(Part):
    """Where a tensor lies in the arena, and from which node to which."""

    tensor: int
    name: str
    offset: Count
    bytes: Count
    first_node: int
    last_node: int


class Windows(Part):
    """Rows of a tensor that passes between nodes which run together."""

    tensor: str
    rows: Count
    of: Count


class RowGroup(Part):
    """Nodes that run together, some rows at a time."""

    nodes: list[int] = Field(max_length=MAX_BUFFERS)
    windows: list[Windows] = Field(max_length=MAX_BUFFERS)


class Plan(Part):
    """`plan.json`: the arena over time."""

    arena_bytes: Count
    peak_node: int
    buffers: list[Buffer] = Field(max_length=MAX_BUFFERS)
    nodes: list[str] = Field(max_length=MAX_BUFFERS)
    groups: list[RowGroup] = Field([], max_length=MAX_BUFFERS)

    @model_validator(mode="after")
    def _within(self) -> Plan:
        for buffer in self.buffers:
            if buffer.offset + buffer.bytes > self.arena_bytes:
                raise ValueError(f"buffer '{buffer.name}' ends beyond the arena of {self.arena_bytes} bytes")
            if not -1 <= buffer.first_node <= buffer.last_node <= len(self.nodes):
                raise ValueError(
                    f"buffer '{buffer.name}' lives from node {buffer.first_node} to {buffer.last_node}"
                )
        return self


def is_square(matrix: list[list[int]], side: int) -> bool:
    """Says whether a confusion matrix is absent or has `side` rows and columns."""
    return not matrix or (len(matrix) == side and all(len(row) == side for row in matrix))

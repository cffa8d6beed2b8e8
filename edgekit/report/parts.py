"""The parts of the record of `edgekit hil`; what a run did not learn is null, never zero."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BeforeValidator, Field

from edgekit.errors import Problem
from edgekit.report.base import Part

Count = Annotated[int, Field(ge=0)]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


Value = Annotated[int | float | None, BeforeValidator(_finite)]  # an output; null for NaN and infinities


class ProblemEntry(Part):
    """One fault, as the terminal shows it."""

    where: str
    what: str
    expected: str = ""
    found: str = ""
    hint: str = ""

    @classmethod
    def of(cls, problem: Problem) -> ProblemEntry:
        """Returns the entry for a problem."""
        return cls(
            where=problem.where,
            what=problem.what,
            expected=problem.expected,
            found=problem.found,
            hint=problem.hint,
        )


class Reference(Part):
    """The PC oracle that the board is compared with."""

    runtime: str = Field(description='name and version, e.g. "litert 2.3.0"')
    kernels: str = Field(description='kernels that it ran, e.g. "builtin_ref"')


class VectorSource(Part):
    """Where the vectors came from."""

    kind: Literal["file", "random"]
    path: str = ""
    sha256: str = ""
    seed: int | None = None
    of: Count = Field(0, description="test examples, or vectors of the file, that they are the first of")


class Mismatch(Part):
    """One output element that differs."""

    vector: Count
    output: str = Field("", description="name of the output tensor")
    element: Count = Field(description="index into the flattened output")
    expected: Value = Field(description="what the reference computed")
    got: Value = Field(description="what the board computed")


class Timer(Part):
    """Time of the inference alone, per vector.

    `median`, `p05` and `p95` leave the first inference out (cold caches, lazy set-up) where there are
    others. They are nearest-rank percentiles, so each is a time that was really measured.
    """

    unit: Literal["instructions", "cycles", "ns"] = Field(
        description="instructions: counted by the emulator; never to be read as cycles"
    )
    median: Count
    p05: Count
    p95: Count
    per_vector: list[Count] = Field(description="every vector in order, the first one included")
    first: Count = Field(description="the first inference")
    outliers: Count = Field(0, description="inferences after the first beyond Tukey's outer fences")
    resolution: int = Field(1, ge=1, description="smallest step of the counter, in units")
    frequency_hz: float | None = Field(None, gt=0, description="of the counter, where it has one")

    @classmethod
    def of(
        cls,
        unit: Literal["instructions", "cycles", "ns"],
        values: ArrayLike,
        resolution: int = 1,
        frequency_hz: float | None = None,
    ) -> Timer:
        """Returns the summary of measured times.

        Args:
            unit: What the counter counts.
            values: Integers [n], n >= 1, in the order of the vectors.
            resolution: Smallest step of the counter, in units.
            frequency_hz: Of the counter, or None.
        """
        times = np.asarray(values, np.int64)
        later = times[1:] if times.size > 1 else times
        p05, q1, median, q3, p95 = np.percentile(later, (5, 25, 50, 75, 95), method="inverted_cdf")
        fence = 3 * (q3 - q1)  # Tukey, Exploratory Data Analysis, 1977: "far out"
        return cls(
            unit=unit,
            median=int(median),
            p05=int(p05),
            p95=int(p95),
            per_vector=times.tolist(),
            first=int(times[0]),
            outliers=int(((later < q1 - fence) | (later > q3 + fence)).sum()),
            resolution=resolution,
            frequency_hz=frequency_hz,
        )


class MemoryPart(Part):
    """One share of the firmware's flash or RAM."""

    name: str = Field(description='e.g. "kernels", "weights", "arena", "stack"')
    kind: Literal["flash", "ram"]
    bytes: Count


class MemoryRegion(Part):
    """One memory of the board."""

    name: str
    kind: Literal["flash", "ram"]
    bytes: Count
    used_bytes: Count


class Memory(Part):
    """What the firmware costs, from the linked ELF and the board."""

    arena_bytes: Count = Field(
        description="all RAM that inference needs: activations, scratch, stack above 512 B"
    )
    static_ram_bytes: Count
    code_bytes: Count = Field(description="all ROM that inference links, without the weights")
    weights_bytes: Count = Field(description="read-only model data")
    stack_bytes: Count | None = Field(None, description="high-water mark of the stack, painted and measured")
    parts: list[MemoryPart] = Field([], description="the whole firmware, by part")
    regions: list[MemoryRegion] = Field([])
    placement: dict[str, str] = Field({}, description='memory that holds "code", "weights", "arena"')


class Clock(Part):
    """The clock under which time was measured."""

    hz: float | None = Field(None, gt=0)
    caches: str = Field("", description='e.g. "none", "off", "I+D"')


class Compiler(Part):
    """What built the firmware."""

    name: str
    version: str
    flags: list[str] = Field([])


class Link(Part):
    """The serial line."""

    bytes: Count
    seconds: float = Field(ge=0)
    retries: Count
    transport: str = Field("", description='e.g. "pty", "/dev/ttyACM0"')
    baud: Count | None = None


class TaskFigure(Part):
    """Another figure of how well a task is done; null where there is nothing to divide by."""

    metric: str
    value: float | None
    pc_value: float | None


class Task(Part):
    """The recipe's metric on the board beside the PC's, over labelled vectors."""

    metric: str
    value: float
    pc_value: float
    more: list[TaskFigure] = Field([], description="further figures, e.g. precision and recall")
    macro_f1: float | None = Field(None, description="of a classifier, on the board")
    pc_macro_f1: float | None = None
    classes: list[str] = Field([])
    confusion: list[list[Count]] = Field([], description="on the board; rows are true classes")
    pc_confusion: list[list[Count]] = Field([], description="on the PC; rows are true classes")


class Energy(Part):
    """Energy per inference, from a power analyser; edgekit measures none itself."""

    source: str = Field(description="the file that it was read from")
    sha256: str = ""
    median_uj: float = Field(ge=0)
    per_vector_uj: list[Annotated[float, Field(ge=0)]]


class PreprocCheck(Part):
    """Raw signal through the board's preprocessing, compared after quantisation."""

    frames: Count
    elements: Count
    differing_elements: Count
    max_step: Count = Field(description="largest difference in steps of the model's input")
    allowed_share: float = Field(0.001, description="share of elements that may differ, by one step")

    @property
    def held(self) -> bool:
        """Whether the check ran and kept within its bound."""
        within = self.differing_elements <= self.allowed_share * self.elements
        return self.elements > 0 and within and self.max_step <= 1


class PreprocCost(Part):
    """What the preprocessing costs on the board beside the model, measured over the test signal."""

    ticks: Count = Field(
        description="median from inference to inference after the first, in the timer's unit"
    )
    first_ticks: Count = Field(description="up to the first inference, which waits for a whole frame")
    items: Count = Field(description="items of the frame that are new from inference to inference")
    signal_seconds: float = Field(ge=0, description="length of signal from inference to inference")
    state_bytes: Count = Field(description="RAM")
    flash_bytes: Count = Field(description="code, tables and libc helpers, linked alone")
    table_bytes: Count = Field(description="tables among them")
    stack_bytes: Count | None = Field(None, description="high-water mark of the stack, painted and measured")


class PictureCheck(Part):
    """A camera's frames through camera, model and boxes on the board, compared with NumPy to the byte."""

    frames: Count
    differing_inputs: Count = Field(description="frames of which the camera made another input")
    elements: Count = Field(description="of the outputs")
    differing_elements: Count
    boxes: Count = Field(0, description="that the PC finds; 0 where the model has none")
    differing_boxes: Count = Field(0, description="frames in which the board finds others")

    @property
    def held(self) -> bool:
        """Whether the check ran and nothing differs."""
        return self.frames > 0 and not (
            self.differing_inputs or self.differing_elements or self.differing_boxes
        )


class PictureCost(Part):
    """What the camera or the boxes cost on the board beside the model, measured over some pictures."""

    ticks: Count = Field(description="median of a picture, in the timer's unit")
    most_ticks: Count = Field(description="of the dearest picture")
    ram_bytes: Count = Field(description="the camera's state, or room for boxes")
    flash_bytes: Count = Field(description="code, tables and libc helpers, linked alone")
    table_bytes: Count = Field(0, description="tables among them")
    stack_bytes: Count | None = Field(None, description="high-water mark of the stack, painted and measured")


class NodeCost(Part):
    """What one node of the model costs in one invocation, beside all others."""

    node: Count = Field(description="its number in the model file")
    op: str
    name: str
    ticks: float = Field(ge=0, description="mean per invocation, in the timer's unit")
    share: float = Field(ge=0, le=1, description="of the ticks of all nodes")


class TracedValue(Part):
    """One element of a tensor that differs."""

    element: Count = Field(description="index into the flattened tensor")
    expected: Value
    got: Value


class Departure(Part):
    """The first place in which a board computes something else."""

    node: Count | None = Field(description="its number in the model file; null: the preprocessing")
    op: str
    name: str
    tensor: Count | None = Field(None, description="its number in the model file; null where a pass made it")
    shape: list[Count]
    dtype: str
    scale: float = 0.0
    zero_point: int = 0
    elements: Count
    differing: Count
    channels: Count = Field(description="indices along the last axis at which elements differ")
    max_abs_diff: float | int = Field(ge=0)
    witness: Literal["reference", "host build"] = Field(description="what the board is compared with")
    values: list[TracedValue] = Field(max_length=16, description="the first elements that differ")


class Trace(Part):
    """One vector, node by node."""

    vector: Count = Field(description="or the frame of the signal, where the preprocessing departs")
    agreed: Count = Field(description="nodes, in their order, that wrote what they should")
    by_host: Count = Field(
        0, description="nodes without counterpart in the model, compared with this computer's build alone"
    )
    skipped: Count = Field(0, description="nodes for which there was nothing to compare with")
    reproduced: bool = Field(True, description="firmware that traces gave the same outputs")
    departure: Departure | None = None
    causes: list[str] = Field([], description="what usually causes it, the surest first")

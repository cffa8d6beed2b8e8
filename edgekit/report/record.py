"""The result of `edgekit hil` (`edgekit.hil/1`) and of every other command (`edgekit.result/1`).

The keys are a contract (docs/report.md, docs/schemas/): one may be added, none changed or removed
without a new version. What a failed run did not learn is null, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from edgekit import __version__
from edgekit.errors import EdgekitError, ExitStatus, InputError, Problem
from edgekit.report.base import Part, from_json, load_json
from edgekit.report.parts import (
    Clock,
    Compiler,
    Count,
    Energy,
    Link,
    Memory,
    Mismatch,
    NodeCost,
    PictureCheck,
    PictureCost,
    PreprocCheck,
    PreprocCost,
    ProblemEntry,
    Reference,
    Task,
    Timer,
    Trace,
    VectorSource,
)

MAX_DETAILS = 20  # mismatches that a record holds in full
MAX_RECORDS = 64  # boards in one file


class HilRecord(Part):
    """One model on one board beside its PC reference."""

    schema_: Literal["edgekit.hil/1"] = Field("edgekit.hil/1", alias="schema")
    edgekit: str = Field(__version__, description="version that made the record")
    status: Literal["held", "mismatch", "failed"] = Field(description="failed: nothing was proved")
    exit_status: Literal[0, 1, 2, 3]
    error: str | None = None
    problems: list[ProblemEntry] = Field([])
    name: str = Field("", description="name of the exported model")
    target: str = Field("", description="as the user gave it")
    board: str = Field(description="key of the board")
    core: str = ""
    emulated: bool
    emulator: str = Field("", description="name and version")
    engine: Literal["aot", "tflm"] | None = None
    numerics: Literal["litert", "tflm"] | None = None
    optimize: str = ""
    model_sha256: str = ""
    firmware_sha256: str = ""
    reference: Reference | None = None
    source: VectorSource | None = None
    requested_vectors: Count = Field(0, description="vectors that were to be compared")
    vectors: Count = Field(0, description="vectors that were compared")
    elements: Count = 0
    mismatched_elements: Count = 0
    max_abs_diff: float | int = Field(0, ge=0)
    differing: list[Count] = Field([], description="differing elements of each compared vector")
    mismatches: list[Mismatch] = Field([], max_length=MAX_DETAILS, description="the first ones in full")
    timer: Timer | None = None
    init_ticks: Count | None = Field(None, description="time of _init, in the timer's unit")
    profile: list[NodeCost] = Field([], description="where asked for: what each node costs, in their order")
    trace: Trace | None = Field(None, description="where asked for: the first node that departs")
    memory: Memory | None = None
    clock: Clock | None = None
    compiler: Compiler | None = None
    link: Link | None = None
    task: Task | None = None
    energy: Energy | None = None
    preproc: PreprocCheck | None = None
    preproc_cost: PreprocCost | None = Field(None, description="of the preprocessing, beside the model")
    pictures: PictureCheck | None = None
    camera_cost: PictureCost | None = Field(None, description="of what makes the model's input of a frame")
    boxes_cost: PictureCost | None = Field(None, description="of what makes boxes of the model's outputs")
    state: Literal["carried", "reset"] = Field("reset", description="the model's state from vector to vector")
    command: str = Field("", description="what repeats the run")

    @property
    def differing_vectors(self) -> int:
        """Number of vectors in which an element differs."""
        return sum(count > 0 for count in self.differing)

    @classmethod
    def failed(cls, error: EdgekitError, **known: Any) -> HilRecord:
        """Returns the record of a run that ended with an error.

        Args:
            error: Why it ended; a check that failed is a mismatch, after anything else nothing is proved.
            known: What was learnt before, as fields of the record.
        """
        checked = error.exit_status == ExitStatus.CHECK_FAILED
        return cls.model_validate(
            {
                **known,
                "status": "mismatch" if checked else "failed",
                "exit_status": int(error.exit_status),
                "error": str(error),
                "problems": [ProblemEntry.of(problem) for problem in error.problems],
            }
        )

    @model_validator(mode="after")
    def _proves_what_it_says(self) -> HilRecord:
        """Refuses a record whose status its own counts contradict."""
        around = any(check is not None and not check.held for check in (self.preproc, self.pictures))
        differs = self.mismatched_elements > 0 or around
        complete = 0 < self.vectors == self.requested_vectors and self.elements >= self.vectors
        wrong = {
            "held": differs or not complete or self.error is not None or self.exit_status != 0,
            "mismatch": not (differs or self.error) or self.exit_status != 1,
            "failed": not self.error or self.exit_status < 2,
        }
        if wrong[self.status]:
            raise ValueError(
                f"status '{self.status}' contradicts the record's own counts, error or exit status"
            )
        if self.differing and (len(self.differing), sum(self.differing)) != (
            self.vectors,
            self.mismatched_elements,
        ):
            raise ValueError("'differing' contradicts 'vectors' or 'mismatched_elements'")
        if self.mismatched_elements > self.elements:
            raise ValueError("more mismatched elements than elements")
        return self


class ResultRecord(Part):
    """How any other command ended."""

    schema_: Literal["edgekit.result/1"] = Field("edgekit.result/1", alias="schema")
    edgekit: str = Field(__version__, description="version that made the record")
    command: str
    status: Literal["held", "check-failed", "input-wrong", "environment-failed"]
    exit_status: Literal[0, 1, 2, 3]
    error: str | None = None
    problems: list[ProblemEntry] = Field([])
    result: Any = None


def result_record(
    command: str, status: ExitStatus, problems: Iterable[Problem] = (), result: Any = None
) -> dict[str, Any]:
    """Returns what `--json` of a command holds, as JSON values.

    Args:
        command: Its name, e.g. "export".
        status: How it ended.
        problems: The faults, if any.
        result: What it made, as JSON values.
    """
    faults = list(problems)
    return ResultRecord.model_validate(
        {
            "command": command,
            "status": status.name.lower().replace("_", "-"),
            "exit_status": int(status),
            "error": "\n".join(map(str, faults)) or None,
            "problems": [ProblemEntry.of(problem) for problem in faults],
            "result": result,
        }
    ).to_json()


def dump_hil(records: Sequence[HilRecord]) -> Any:
    """Returns what `hil --json` holds: the record, or a list of them for several targets."""
    trees = [record.to_json() for record in records]
    return trees[0] if len(trees) == 1 else trees


def load_hil(path: Path) -> list[HilRecord]:
    """Reads what `hil --json` wrote.

    Args:
        path: One record or a list of them.

    Raises:
        InputError: The file is absent, damaged or of another schema.
    """
    tree = load_json(path)
    trees = tree if isinstance(tree, list) else [tree]
    if not 0 < len(trees) <= MAX_RECORDS:
        raise InputError(where=str(path), what=f"holds {len(trees)} records", expected=f"1 to {MAX_RECORDS}")
    return [from_json(HilRecord, each, str(path)) for each in trees]

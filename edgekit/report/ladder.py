"""Records of compression: what one step did (`edgekit.compress/1`), a plan's rungs (`edgekit.ladder/1`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from edgekit.report import text
from edgekit.report.base import Part
from edgekit.report.parts import Count

MAX_RUNGS = 100

COLUMNS = (
    "step", "float", "quantised", "parameters", "model B", "MACs", "arena B", "code B", "weights B",
    "instructions",
)  # fmt: skip
_COMPARED = ("parameters", "model_bytes", "instructions")
_COSTS = (
    "parameters", "model_bytes", "macs", "arena_bytes", "code_bytes", "weights_bytes", "instructions",
)  # fmt: skip


class StepRecord(Part):
    """`compress.json` of a derived run."""

    schema_: Literal["edgekit.compress/1"] = Field("edgekit.compress/1", alias="schema")
    parent: str = Field(description="name of the run folder that the step was applied to, beside this one")
    step: str
    params: dict[str, Any] = Field({}, description="all of the step's parameters")
    report: dict[str, Any] = Field({}, description="before, after, and what else the step says")


class Rung(Part):
    """One run of a ladder: its metric, and what it costs on the target."""

    step: str = Field(description='what made it; "train" for the first')
    params: dict[str, Any] = Field({})
    run: str = Field(description="name of its run folder, beside the first one's")
    value_float: float = Field(description="the task's metric of the float model on the test subjects")
    value_quantized: float = Field(
        description="that of the quantised model, by post-training or trained ranges"
    )
    parameters: Count = Field(description="of the float model")
    model_bytes: Count = Field(description="of the .tflite")
    macs: Count = Field(description="multiply-accumulates of one inference")
    arena_bytes: Count = Field(description="RAM that inference needs")
    code_bytes: Count | None = Field(
        description="flash of kernels and generated code; none where the firmware does not fit"
    )
    weights_bytes: Count = Field(description="flash of weights, as packed for the target")
    ram_bytes: Count | None = Field(description="RAM of the whole firmware, likewise")
    flash_bytes: Count | None = Field(description="flash of the whole firmware, likewise")
    instructions: Count | None = Field(
        None, description="of one inference, where the target is emulated and the firmware fits it"
    )
    seconds: float = Field(0.0, ge=0, description="training of this rung, quantisation and evaluation")


class LadderRecord(Part):
    """`ladder.json`: every prefix of a plan."""

    schema_: Literal["edgekit.ladder/1"] = Field("edgekit.ladder/1", alias="schema")
    recipe: str
    metric: str
    higher_is_better: bool = True
    scheme: str = Field("int8", description='"int8" or "16x8"')
    target: str
    emulated: bool
    synthetic: bool
    rungs: list[Rung] = Field(max_length=MAX_RUNGS)
    broken: list[str] = Field([], description="budgets that do not hold")


def ratio(first: float | None, now: float | None) -> float | None:
    """Returns how many times less a rung takes than the first one; None where it is not known."""
    return first / now if first and now else None


def rows(record: LadderRecord) -> list[list[str]]:
    """Returns a rung per row under `COLUMNS`; beside a cost stands the ratio to the first rung."""
    made = []
    for number, rung in enumerate(record.rungs):
        costs = []
        for name in _COSTS:
            now, times = getattr(rung, name), ratio(getattr(record.rungs[0], name), getattr(rung, name))
            shown = "n/a" if now is None else text.count(now)
            costs.append(f"{shown} ({times:.2f}x)" if number and times and name in _COMPARED else shown)
        made.append([rung.step, f"{rung.value_float:.4f}", f"{rung.value_quantized:.4f}", *costs])
    return made


def caption(record: LadderRecord) -> str:
    """Returns what a table of the rungs shows, in words."""
    data = "synthetic test subjects" if record.synthetic else "test subjects"
    counted = ", emulated" if record.emulated else ""
    return (
        f"{record.recipe}: {record.metric} on {data}, float and {record.scheme}; cost on "
        f"{record.target}{counted}; in brackets how many times less than the first"
    )


def markdown(record: LadderRecord) -> str:
    """Returns the table as a Markdown file."""
    lines = [f"# Compression of {record.recipe}", "", caption(record) + ".", ""]
    lines += ["| " + " | ".join(_plain(COLUMNS)) + " |", "|---|" + "--:|" * (len(COLUMNS) - 1)]
    lines += ["| " + " | ".join(_plain(row)) + " |" for row in rows(record)]
    lines += [""] + [f"Not held: {broken}." for broken in record.broken]
    return "\n".join(lines).rstrip() + "\n"


def comma_separated(record: LadderRecord) -> str:
    """Returns the rungs as CSV: every figure, and the ratios to the first rung."""
    buffer = io.StringIO()
    fields = [name for name in Rung.model_fields if name != "params"]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*fields, *(f"{name}_ratio" for name in _COSTS)])
    for rung in record.rungs:
        times = [ratio(getattr(record.rungs[0], name), getattr(rung, name)) for name in _COSTS]
        values = [getattr(rung, name) for name in fields]
        writer.writerow([*values, *("" if t is None else f"{t:.4f}" for t in times)])
    return buffer.getvalue()


def _plain(cells: Sequence[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in cells]

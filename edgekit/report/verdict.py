"""What a run proved, in words: one sentence per board, and the checks beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from edgekit.report import text
from edgekit.report.parts import Memory, PictureCheck, Timer
from edgekit.report.read import Run
from edgekit.report.record import HilRecord

Status = Literal["held", "mismatch", "failed", "none"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked beside the vectors.

    Args:
        name: What was checked.
        held: Whether it held.
        detail: The figures.
    """

    name: str
    held: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a run proved.

    Args:
        status: The worst of all boards; "none" where there is no board.
        headline: In one sentence.
        sentences: One per board.
        checks: What was checked beside the vectors.
    """

    status: Status
    headline: str
    sentences: list[str]
    checks: list[Check]

    @property
    def held(self) -> bool:
        """Whether every board agreed and every check held."""
        return self.status == "held" and all(check.held for check in self.checks)


def verdict(run: Run) -> Verdict:
    """Returns what a run proved."""
    found = checks(run)
    broken = [check.name for check in found if not check.held]
    words = headline(run.hil)
    if broken:
        words += f" But {text.plural(len(broken), 'check')} did not hold."
    return Verdict(status(run.hil), words, [sentence(record) for record in run.hil], found)


def headline(records: Sequence[HilRecord]) -> str:
    """Returns what several targets showed together, and whether they are hardware."""
    several = len(records) > 1
    found = status(records)
    if found == "none":
        return "Not yet proved on a board."
    if found == "failed":
        return "Not proved: the run failed" + (" on a target." if several else ".")
    if found == "mismatch":
        return f"{'A target' if several else _who(records)} departs from the PC."
    return f"{_who(records)} computes what the PC computes."


def _who(records: Sequence[HilRecord]) -> str:
    kinds = {"host" if r.board == "host" else "emulated" if r.emulated else "hardware" for r in records}
    if kinds == {"host"}:
        return "The firmware on the host"
    if len(kinds) > 1:
        return "Every target" if "hardware" in kinds else "Every target (none is hardware)"
    noun = "emulated board" if kinds == {"emulated"} else "board"
    return f"{'Every' if len(records) > 1 else 'The'} {noun}"


def status(records: Sequence[HilRecord]) -> Status:
    """Returns the worst status of several boards; "none" where there is no result."""
    statuses = {record.status for record in records}
    return next((s for s in ("mismatch", "failed", "held") if s in statuses), "none")


def stood_in(record: HilRecord) -> str:
    """Returns the board with what it really was: "mps2-an386 (emulated, QEMU 7.2)"."""
    if not record.emulated:
        return record.board
    return f"{record.board} (emulated{', ' + record.emulator if record.emulator else ''})"


def reference(record: HilRecord) -> str:
    """Returns the PC reference: "litert 2.3.0 (builtin_ref)"."""
    if record.reference is None:
        return "the PC reference"
    return f"{record.reference.runtime} ({record.reference.kernels})"


def label(record: HilRecord) -> str:
    """Returns a short name that tells results apart: "mps2-an386, aot, litert"."""
    return ", ".join(part for part in (record.board, record.engine, record.numerics) if part)


def sentence(record: HilRecord) -> str:
    """Returns what one board showed, in one sentence."""
    if record.error:
        reason = record.error.splitlines()[0]
        return f"{stood_in(record)}: {text.plural(record.vectors, 'vector')} compared, then: {reason}"
    elements = f"{text.count(record.mismatched_elements)} of {text.plural(record.elements, 'element')} differ"
    vectors = text.plural(record.vectors, "vector")
    if record.source and record.source.of > record.vectors:
        vectors += f", the first of {text.count(record.source.of)}"
    if record.mismatched_elements == 0:
        agreement = f"agrees with {reference(record)} in all {vectors}"
    else:
        where = f"in {text.count(record.differing_vectors)} of " if record.differing else "in some of "
        agreement = f"differs from {reference(record)} {where}{vectors}"
        elements += f", by at most {record.max_abs_diff:g}"
    words = f"{stood_in(record)} {agreement}: {elements}."
    if record.preproc and not record.preproc.held:
        words += " Its preprocessing departs beyond the bound."
    if record.pictures and not record.pictures.held:
        words += " Its camera, or its boxes, depart."
    return words


def duration(timer: Timer, value: int) -> str:
    """Returns a time with its unit; instructions of an emulator are never called cycles."""
    if timer.unit == "ns":
        return f"{value / 1e6:.3f} ms" if value >= 1e6 else f"{value / 1e3:.1f} µs"
    return f"{text.count(value)} {timer.unit}"


def preproc_cost(record: HilRecord) -> list[str]:
    """Returns what the preprocessing costs beside the model, in words, if it ran."""
    cost, timer = record.preproc_cost, record.timer
    if cost is None or timer is None:
        return []
    seconds = f" ({cost.signal_seconds:g} s of signal)" if cost.signal_seconds else ""
    each = round(cost.ticks / max(1, cost.items))
    share = cost.ticks / max(1, cost.ticks + timer.median)
    return [
        f"preprocessing takes {duration(timer, cost.ticks)} from inference to inference{seconds}, "
        f"{text.share(share)} of both; {text.plural(cost.items, 'new item')} of {duration(timer, each)} each",
        f"preprocessing keeps {text.size(cost.state_bytes)} of RAM and {text.size(cost.flash_bytes)} of "
        f"flash, {text.size(cost.table_bytes)} of it tables",
    ]


def picture_costs(record: HilRecord) -> list[str]:
    """Returns what camera and boxes cost beside the model, in words, if they ran."""
    if record.timer is None:
        return []
    said = []
    for name, cost in (("camera", record.camera_cost), ("boxes", record.boxes_cost)):
        if cost:
            share = cost.ticks / max(1, cost.ticks + record.timer.median)
            tables = f", {text.size(cost.table_bytes)} of it tables" if cost.table_bytes else ""
            most = (
                f", {duration(record.timer, cost.most_ticks)} at most" if cost.most_ticks > cost.ticks else ""
            )
            said.append(
                f"{name}: {duration(record.timer, cost.ticks)} for a picture{most} "
                f"({text.share(share)} of it and the inference); "
                f"{text.size(cost.ram_bytes)} of RAM, {text.size(cost.flash_bytes)} of flash{tables}"
            )
    return said


def flash_bytes(memory: Memory) -> int:
    """Returns the flash that the whole firmware takes; that of the model where only this is known."""
    parts = sum(part.bytes for part in memory.parts if part.kind == "flash")
    return parts or memory.code_bytes + memory.weights_bytes


def ram_bytes(memory: Memory) -> int:
    """Returns the RAM that the whole firmware takes; that of the model where only this is known."""
    parts = sum(part.bytes for part in memory.parts if part.kind == "ram")
    return parts or memory.arena_bytes + memory.static_ram_bytes


def checks(run: Run) -> list[Check]:
    """Returns the checks of a run beside the vectors: metric, budgets, preprocessing."""
    found = _metric_drop(run)
    for record in run.hil:
        found += [*_stale(run, record), *_budgets(run, record), *preproc_checks(record)]
    return found


def _metric_drop(run: Run) -> list[Check]:
    """Returns the check of what quantisation cost, in the metric that the task is judged by."""
    metrics, drop = run.metrics, run.setting("quantize", "max_metric_drop", None)
    if metrics is None or not isinstance(drop, int | float):
        return []
    if metrics.float_ and metrics.int8:
        before, after, sign = metrics.float_.accuracy, metrics.int8.accuracy, 1
        name = f"{metrics.quantized} accuracy at most {100 * drop:g} points below float"
        detail = f"float {text.share(before)}, {metrics.quantized} {text.share(after)}"
    elif metrics.task:
        task = metrics.task
        before, after, sign = task.float_.value, task.int8.value, 1 if task.higher_is_better else -1
        name = f"quantised {task.metric} at most {drop:g} {'below' if sign > 0 else 'above'} float"
        detail = f"float {before:.4f}, quantised {after:.4f}"
    else:
        return []
    # the drop is a difference of shares of n frames: allow for the rounding of that difference
    return [Check(name, sign * (before - after) <= drop + 1e-9, detail)]


def preproc_checks(record: HilRecord) -> list[Check]:
    """Returns the checks of what runs around the model on a board: preprocessing, or camera and boxes."""
    if record.pictures:
        return [_pictures_check(record.board, record.pictures)]
    checked = record.preproc
    if checked is None:
        return []
    name = (
        f"{record.board}: preprocessing differs in at most {text.share(checked.allowed_share)}, by one step"
    )
    differ = f"{text.count(checked.differing_elements)} of {text.plural(checked.elements, 'element')}"
    detail = f"{differ} differ, by at most {text.plural(checked.max_step, 'step')}"
    return [Check(name, checked.held, f"{detail}, in {text.plural(checked.frames, 'frame')}")]


def _pictures_check(board: str, found: PictureCheck) -> Check:
    parts = [
        f"{text.count(found.differing_inputs)} of {text.plural(found.frames, 'frame')} with another input",
        f"{text.count(found.differing_elements)} of {text.plural(found.elements, 'output element')} differ",
    ]
    if found.boxes or found.differing_boxes:
        boxes = f"the {text.count(found.boxes)} boxes of the PC"
        parts.append(f"{text.plural(found.differing_boxes, 'frame')} with others than {boxes}")
    return Check(f"{board}: camera, model and boxes equal NumPy to the byte", found.held, "; ".join(parts))


def _stale(run: Run, record: HilRecord) -> list[Check]:
    """Returns a check that does not hold where the result belongs to a model that was exported before."""
    exported = {export.manifest.model.sha256 for export in run.exports}
    if not exported or not record.model_sha256 or record.model_sha256 in exported:
        return []
    name = f"{record.board}: the result belongs to the exported model"
    return [Check(name, False, f"model sha256 {record.model_sha256[:12]}…; run edgekit hil again")]


def _budgets(run: Run, record: HilRecord) -> list[Check]:
    if record.memory is None:
        return []
    used = {"ram": ram_bytes(record.memory), "flash": flash_bytes(record.memory)}
    found = []
    for kind, taken in used.items():
        budget = run.setting("budget", f"{kind}_bytes", 0)
        if isinstance(budget, int) and budget > 0:
            name = f"{record.board}: {kind if kind == 'flash' else 'RAM'} within {text.size(budget)}"
            found.append(Check(name, taken <= budget, f"{text.count(taken)} bytes"))
    return found

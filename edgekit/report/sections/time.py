"""How long an inference takes; what an emulator counted is called instructions."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Prose, Table
from edgekit.report.charts.histogram import histogram
from edgekit.report.parts import Timer
from edgekit.report.read import Run
from edgekit.report.record import HilRecord
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label

_EMULATED = (
    "Instructions are counted by the emulator and repeat exactly. They are neither cycles nor time: "
    "they tell two versions of the code apart, not how long a chip takes."
)


def _blocks(run: Run) -> Sequence[Block]:
    timed = [(record, record.timer) for record in run.hil if record.timer]
    if not timed:
        return []
    rows = [
        [
            label(record),
            timer.unit,
            text.count(timer.median),
            text.count(timer.p05),
            text.count(timer.p95),
            text.count(timer.outliers),
            text.count(timer.first),
            text.count(timer.resolution),
            _clock(record),
        ]
        for record, timer in timed
    ]
    columns = ("board", "unit", "median", "p05", "p95", "outliers", "first", "resolution", "clock")
    blocks: list[Block] = [Table("One inference, the first one apart from the rest", columns, rows)]
    if any(timer.unit == "instructions" for _, timer in timed):
        blocks.insert(0, Prose(_EMULATED, "muted"))
    for record, timer in timed:
        blocks.append(_spread(record, timer))
    return [*blocks, *_preproc(run), *_pictures(run), *_energy(run)]


def _preproc(run: Run) -> list[Block]:
    rows = [
        [
            label(record),
            text.count(cost.ticks),
            text.count(cost.first_ticks),
            text.count(cost.items),
            f"{cost.signal_seconds:g} s",
            text.share(cost.ticks / max(1, cost.ticks + (record.timer.median if record.timer else 0))),
            text.count(cost.state_bytes),
            text.count(cost.flash_bytes),
            text.count(cost.table_bytes),
        ]
        for record, cost in ((record, record.preproc_cost) for record in run.hil)
        if cost
    ]
    columns = ("board", "per inference", "up to the first", "new items", "of signal", "share of both")
    title = "The preprocessing beside it, in the same unit; state, code and tables in bytes"
    return [Table(title, (*columns, "state", "flash", "tables"), rows)] if rows else []


def _pictures(run: Run) -> list[Block]:
    rows = [
        [
            f"{label(record)}, {name}",
            text.count(cost.ticks),
            text.count(cost.most_ticks),
            text.share(cost.ticks / max(1, cost.ticks + (record.timer.median if record.timer else 0))),
            text.count(cost.ram_bytes),
            text.count(cost.flash_bytes),
            text.count(cost.table_bytes),
        ]
        for record in run.hil
        for name, cost in (("camera", record.camera_cost), ("boxes", record.boxes_cost))
        if cost
    ]
    columns = ("board", "median of a picture", "most", "share of it and the inference")
    title = "Camera and boxes around it, in the same unit; RAM, code and tables in bytes"
    return [Table(title, (*columns, "RAM", "flash", "tables"), rows)] if rows else []


def _energy(run: Run) -> list[Block]:
    rows = [
        [label(record), text.count(len(energy.per_vector_uj)), f"{energy.median_uj:,.2f}",
         f"{min(energy.per_vector_uj):,.2f}", f"{max(energy.per_vector_uj):,.2f}", energy.source]
        for record, energy in ((record, record.energy) for record in run.hil)
        if energy and energy.per_vector_uj
    ]  # fmt: skip
    columns = ("board", "inferences", "median µJ", "least", "most", "measured by")
    return [Table("Energy of one inference, as a power analyser measured it", columns, rows)] if rows else []


def _spread(record: HilRecord, timer: Timer) -> Block:
    later = timer.per_vector[1:] or timer.per_vector
    unit = f"emulated {timer.unit}" if timer.unit == "instructions" else timer.unit
    if len(set(later)) <= 1:
        return Prose(
            f"{label(record)}: every inference after the first took {text.count(timer.median)} {unit}."
        )
    marked = [("p05", timer.p05), ("median", timer.median), ("p95", timer.p95)]
    return histogram(f"Time of one inference on {label(record)}", later, unit, marked)


def _clock(record: HilRecord) -> str:
    clock = record.clock
    if record.emulated or clock is None or not clock.hz:
        return "emulated" if record.emulated else "unknown"
    words = f"{clock.hz / 1e6:g} MHz" + (f", caches {clock.caches}" if clock.caches else "")
    if record.timer and record.timer.unit == "cycles":
        words += f": {1e3 * record.timer.median / clock.hz:.3g} ms"
    return words


SECTION = Section(order=80, title="Time", blocks=_blocks, replaces=("time", "latency"))

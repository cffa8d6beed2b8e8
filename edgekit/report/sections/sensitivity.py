"""Which layer costs how much when it is quantised, where that was measured."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Prose, Table
from edgekit.report.read import Run
from edgekit.report.sections.base import Section

_SHOWN = 20  # rows that are not folded away


def _blocks(run: Run) -> Sequence[Block]:
    record = run.sensitivity
    if record is None:
        return []
    part = "" if len(record.layers) == record.total else f" {len(record.layers)} of {record.total} layers."
    said = (
        f"On {text.plural(record.frames, 'validation frame')}, {record.metric}: float "
        f"{record.float_metric:.4f}, {record.scheme} {record.int8_metric:.4f}, in the simulation that "
        f"measured this {record.simulated_metric:.4f}. Noise as signal-to-quantisation-noise ratio (SQNR) "
        f"in dB on {text.plural(record.noise_frames, 'calibration frame')}, more is better: the network's "
        f"output has {_db(record.int8_sqnr_db)} dB, simulated {_db(record.simulated_sqnr_db)} dB.{part}"
    )
    rows = [
        [
            layer.label,
            text.count(layer.parameters),
            _db(layer.own_sqnr_db),
            _db(layer.sqnr_db),
            _db(layer.alone_sqnr_db),
            f"{layer.alone_metric:.4f}",
            _db(layer.spared_sqnr_db),
            f"{layer.spared_metric:.4f}",
            _db(layer.wide_sqnr_db),
        ]
        for layer in record.worst
    ]
    columns = (
        "layer", "parameters", "its output, only it quantised", "its output, all quantised",
        "network's output, only it", record.metric, "network's output, all but it", record.metric,
        "network's output, its activations in int16",
    )  # fmt: skip
    return [Prose(said), Table("Every layer, the dearest first", columns, rows, folded=len(rows) > _SHOWN)]


def _db(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f}"


SECTION = Section(order=33, title="Sensitivity", blocks=_blocks, plots=("sensitivity",))

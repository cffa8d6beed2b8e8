"""Agreement, vector by vector, of the board with the PC."""

import math
from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Cell, Group, Prose, Table
from edgekit.report.charts.strip import strip
from edgekit.report.parts import Mismatch
from edgekit.report.read import Run
from edgekit.report.record import HilRecord
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label, preproc_checks, reference, sentence


def _blocks(run: Run) -> Sequence[Block]:
    if not run.hil:
        return []
    if len(run.hil) == 1:
        return _board(run, run.hil[0])
    groups: list[Block] = [Group(label(record), _board(run, record)) for record in run.hil]
    return [_boards(run.hil), *groups]


def _boards(records: Sequence[HilRecord]) -> Table:
    rows: list[list[str | Cell]] = [
        [
            record.board,
            record.core or "",
            f"{record.engine or '?'}, {record.numerics or '?'}",
            reference(record),
            text.count(record.vectors),
            f"{text.count(record.mismatched_elements)} of {text.count(record.elements)}",
            Cell(record.status, "good" if record.status == "held" else "bad"),
        ]
        for record in records
    ]
    columns = ("board", "core", "engine", "reference", "vectors", "elements that differ", "status")
    return Table("All boards", columns, rows, text=True)


def _board(run: Run, record: HilRecord) -> list[Block]:
    blocks: list[Block] = [Prose(sentence(record), "good" if record.status == "held" else "bad")]
    compared = _outputs(run, record)
    if len(compared) > 1:
        blocks.append(Prose(f"Of each vector every output was compared: {'; '.join(compared)}."))
    whole = max(record.requested_vectors, record.vectors)
    if whole and (record.differing or record.vectors == 0 or record.mismatched_elements == 0):
        differing = record.differing or [0] * record.vectors
        blocks.append(strip(f"Vectors on {label(record)}", differing, whole))
    if record.mismatches:
        rows = [[str(m.vector), m.output, str(m.element), *_values(m)] for m in record.mismatches]
        columns = ("vector", "output", "element", "PC", "board", "difference")
        blocks.append(Table(f"The first {text.plural(len(rows), 'element')} that differ", columns, rows))
    for check in preproc_checks(record):
        blocks.append(Prose(f"{check.name}: {check.detail}.", "good" if check.held else "bad"))
    return blocks


def _outputs(run: Run, record: HilRecord) -> list[str]:
    """Returns what the model gives: "embedding, 256 x int8"."""
    models = [
        export.manifest for export in run.exports if export.manifest.model.sha256 == record.model_sha256
    ]
    tensors = models[0].outputs if models else []
    return [f"{tensor.name}, {math.prod(tensor.shape):,} x {tensor.dtype}" for tensor in tensors]


def _values(m: Mismatch) -> list[str]:
    return [text.value(m.expected), text.value(m.got), text.difference(m.got, m.expected)]


SECTION = Section(order=70, title="Agreement, vector by vector", blocks=_blocks, replaces=("agreement",))

"""Recordings: of real people as counts, too few for a figure that means anything on its own; as played."""

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Block, Cell, Prose, Table
from edgekit.report.read import Run
from edgekit.report.sections.base import Section


def _blocks(run: Run) -> Sequence[Block]:
    results = run.metrics.real if run.metrics else []
    if not results:
        return []
    blocks: list[Block] = [
        Prose("Real recordings, as counts: too few people for an accuracy that would mean anything.")
    ]
    for result in results:
        predicted = list(dict.fromkeys(p for counts in result.counts.values() for p in counts))
        rows: list[list[str | Cell]] = []
        for true, counts in result.counts.items():
            row: list[str | Cell] = [true]
            for p in predicted:
                number = counts.get(p, 0)
                row.append(
                    Cell(text.count(number), "good" if p == true and number else "" if number else "muted")
                )
            rows.append([*row, text.count(sum(counts.values()))])
        blocks.append(
            Table(result.dataset, ("annotated as", *(f"said {p}" for p in predicted), "frames"), rows)
        )
    return blocks


SECTION = Section(
    order=40,
    title="Recordings",
    blocks=_blocks,
    plots=("real", "recording", "synthetic_recording"),
    real=True,
)

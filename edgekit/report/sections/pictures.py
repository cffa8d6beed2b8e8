"""Pictures with boxes: the truth, the PC and each board side by side."""

from collections.abc import Sequence

from edgekit.report.blocks import Block, Image, Prose
from edgekit.report.read import Run
from edgekit.report.sections.base import Section
from edgekit.report.verdict import label, stood_in


def _blocks(run: Run) -> Sequence[Block]:
    blocks: list[Block] = []
    tag = ", synthetic pictures" if run.synthetic else ""
    for record in run.hil:
        if uri := run.plots.get(f"boxes-{record.board}"):
            caption = f"Truth, PC and {label(record)}{tag}"
            blocks.append(Image(uri, caption, caption))
    if blocks:
        words = (
            "The first test pictures: what is there, what the PC finds, and what the board finds when a "
            "camera's rows go in and boxes come out. The number is a box's coverage, grey boxes count "
            "neither way."
        )
        if any(record.emulated for record in run.hil):
            words += f" Emulated: {', '.join(stood_in(r) for r in run.hil if r.emulated)}."
        blocks.insert(0, Prose(words))
    return blocks


SECTION = Section(order=75, title="Pictures with boxes", blocks=_blocks, replaces=("boxes-",))

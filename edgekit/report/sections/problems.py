"""Parts of the run that could not be read."""

from collections.abc import Sequence

from edgekit.report.blocks import Block, Prose, Table
from edgekit.report.read import Run
from edgekit.report.sections.base import Section

_MAX_ROWS = 50


def _blocks(run: Run) -> Sequence[Block]:
    if not run.problems:
        return []
    rows = [(p.where, p.what, p.found or p.expected) for p in run.problems[:_MAX_ROWS]]
    text = "These parts are damaged or left out; the rest of the page is complete without them."
    return [Prose(text, "warn"), Table("", ("part", "fault", "detail"), rows, text=True)]


SECTION = Section(order=5, title="What could not be read", blocks=_blocks)

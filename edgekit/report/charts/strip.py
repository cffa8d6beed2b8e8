"""One cell per vector: agrees, differs (taller cross, so that colour alone does not say it), not reached."""

from __future__ import annotations

import math
from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Line, Picture, Rect

_COLUMNS = 50
_MAX_CELLS = 1000


def strip(title: str, differing: Sequence[int], requested: int) -> Picture:
    """Draws the agreement of a run.

    Args:
        title: Which board.
        differing: Differing elements of each compared vector.
        requested: Vectors that were to be compared.
    """
    whole = max(requested, len(differing))
    per_cell = max(1, math.ceil(whole / _MAX_CELLS))
    cells = math.ceil(whole / per_cell)
    columns = max(min(_COLUMNS, cells), 25)
    side, gap = 14.4, 2.0
    marks: list[Rect | Line] = []
    for cell in range(cells):
        first, last = cell * per_cell, min((cell + 1) * per_cell, whole) - 1
        part = differing[first : last + 1]
        x, y = round(cell % columns * side, 1), round(cell // columns * side, 1)
        name = f"vector {first}" if first == last else f"vectors {first} to {last}"
        edge = round(side - gap, 1)
        if len(part) < last - first + 1:
            marks.append(Rect(x, y, edge, edge, "unreached", f"{name}: not reached"))
        elif any(part):
            marks.append(
                Rect(x, y, edge, edge, "differs", f"{name}: {text.plural(sum(part), 'element')} differ")
            )
            near, far = 3.4, round(edge - 3.4, 1)
            marks.append(
                Line(
                    f"M{x + near:.1f} {y + near:.1f}L{x + far:.1f} {y + far:.1f}"
                    f"M{x + far:.1f} {y + near:.1f}L{x + near:.1f} {y + far:.1f}",
                    "cross",
                )
            )
        else:
            marks.append(Rect(x, y, edge, edge, "agrees", f"{name}: agrees"))
    bad = sum(count > 0 for count in differing)
    description = (
        f"{text.plural(len(differing) - bad, 'vector')} agree, {text.count(bad)} differ, "
        f"{text.count(whole - len(differing))} were not reached"
    )
    each = "" if per_cell == 1 else f"Each cell stands for {per_cell} vectors."
    legend = [("agrees", "agrees")]
    legend += [("differs", "differs")] if bad else []
    legend += [("unreached", "not reached")] if whole > len(differing) else []
    rows = math.ceil(cells / columns)
    return Picture(title, description, columns * side, rows * side, marks, legend, caption=each)

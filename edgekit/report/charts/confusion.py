"""A confusion matrix: each row is a true class, shaded by its share of the row."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Picture, Rect, Text

MAX_CLASSES = 20  # beyond it cells are too small to read
_PALE = 0.5  # shares above it take light letters


def confusion(
    title: str, classes: Sequence[str], matrix: Sequence[Sequence[int]], caption: str = ""
) -> Picture:
    """Draws counts and shares.

    Args:
        title: What was classified by what.
        classes: Names, in the order of rows and columns.
        matrix: Counts [true][predicted].
        caption: Shown beneath.
    """
    n = len(classes)
    left, top, extent = 74.0, 42.0, 300.0
    side = extent / n
    marks: list[Rect | Text] = [Text(left + extent / 2, 14, "predicted", "axis", "middle")]
    small = "small" if side < 48 else ""
    for i, name in enumerate(classes):
        short = text.clip(name, 9)
        marks.append(Text(round(left + (i + 0.5) * side, 1), top - 10, short, "tick", "middle"))
        marks.append(Text(left - 10, round(top + (i + 0.5) * side + 4, 1), short, "tick", "end"))
    right = total = 0
    for i, row in enumerate(matrix):
        whole = sum(row)
        total, right = total + whole, right + row[i]
        for j, number in enumerate(row):
            part = number / whole if whole else 0.0
            x, y = round(left + j * side, 1), round(top + i * side, 1)
            hint = f"true {classes[i]}, predicted {classes[j]}: {number} of {whole}"
            css = "heat hit" if i == j else "heat miss"
            marks.append(Rect(x + 1, y + 1, round(side - 2, 1), round(side - 2, 1), "cell"))
            marks.append(
                Rect(x + 1, y + 1, round(side - 2, 1), round(side - 2, 1), css, hint, round(0.92 * part, 3))
            )
            tone = "on-heat" if part > _PALE else "off-heat" if number else "faint"
            middle = round(x + side / 2, 1)
            if side >= 56:
                marks.append(
                    Text(middle, round(y + side / 2, 1), text.count(number), f"value {tone}", "middle")
                )
                marks.append(
                    Text(middle, round(y + side / 2 + 16, 1), text.share(part), f"minor {tone}", "middle")
                )
            elif side >= 15:
                marks.append(
                    Text(middle, round(y + side / 2 + 4, 1), str(number), f"minor {small} {tone}", "middle")
                )
    description = f"{text.count(right)} of {text.count(total)} on the diagonal; rows are true classes"
    return Picture(
        title, description, left + extent + 4, top + extent + 6, marks, caption=caption, min_width=300
    )

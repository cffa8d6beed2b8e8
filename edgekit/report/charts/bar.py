"""A stacked bar: one length, divided among parts; the names stand in the table beneath."""

from __future__ import annotations

from collections.abc import Sequence

from edgekit.report import text
from edgekit.report.blocks import Picture, Rect

COLOURS = 8


def colours(names: Sequence[str]) -> dict[str, str]:
    """Returns a colour class for each name, the same one wherever the same names are drawn."""
    return {name: f"c{i % COLOURS}" for i, name in enumerate(dict.fromkeys(names))}


def stacked(
    title: str,
    parts: Sequence[tuple[str, int]],
    palette: dict[str, str],
    longest: int,
    legend: Sequence[tuple[str, str]] = (),
) -> Picture:
    """Draws parts side by side.

    Args:
        title: What the bar shows.
        parts: Name and size of each.
        palette: Colour class by name.
        longest: Size that fills the whole width, so that several bars can be compared.
        legend: Colour class and meaning, where no table beneath has it.
    """
    width, height, gap = 1000.0, 24.0, 3.0
    marks = [Rect(0, 0, width, height, "track")]
    x = 0.0
    total = sum(amount for _, amount in parts)
    for name, amount in parts:
        wide = width * amount / max(longest, 1)
        if wide > 0:
            marks.append(
                Rect(
                    round(x, 2),
                    0,
                    round(max(wide - gap, 0.5), 2),
                    height,
                    palette[name],
                    f"{name}: {text.count(amount)}",
                )
            )
        x += wide
    words = ", ".join(f"{name} {text.count(amount)}" for name, amount in parts)
    return Picture(title, f"{words}; {text.count(total)} in all", width, height, marks, legend, stretch=True)

"""Sheets of pictures with boxes: what is there, what the PC finds, what a board finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.data.base import need_package

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

_SIDE = 224  # pixels that a panel has at most, where the picture itself has fewer
_CAPTION = 14
_GAP = 6
_COLOURS = ("#ffd400", "#00e5ff", "#ff4fd8", "#7dff5a", "#ff8a3d", "#b39bff")
_IGNORED = "#9a9a9a"


class Drawn(NamedTuple):
    """A box on a sheet.

    Args:
        edges: Left, upper, right and lower, in pixels of its picture.
        label: Index of the class; -1: to be ignored.
        text: Short, beside it.
    """

    edges: Sequence[float]
    label: int
    text: str = ""


class Panel(NamedTuple):
    """One way to see all pictures.

    Args:
        title: Stands over each picture.
        boxes: Of each picture.
    """

    title: str
    boxes: Sequence[Sequence[Drawn]]


def draw(
    path: Path, pictures: NDArray[np.uint8], panels: Sequence[Panel], columns: int, names: Sequence[str] = ()
) -> Path:
    """Draws pictures, each as often as there are panels, side by side, enlarged by a whole factor.

    Args:
        path: The PNG to write.
        pictures: uint8 [n, height, width, 3 or 1]
        panels: One or more.
        columns: Pictures side by side.
        names: Of the classes; written beside a box where there are several.

    Raises:
        EnvironmentFailed: Pillow is not installed, or the disk refused.
    """
    image, painter = need_package("PIL.Image"), need_package("PIL.ImageDraw")
    factor = max(1, _SIDE // max(pictures.shape[1:3]))
    height, width = (factor * side for side in pictures.shape[1:3])
    group = len(panels) * width + (len(panels) - 1) * 2
    rows = -(-len(pictures) // columns)
    columns = min(columns, len(pictures))
    sheet = image.new(
        "RGB", (columns * (group + _GAP) + _GAP, rows * (height + _CAPTION + _GAP) + _GAP), "#ffffff"
    )
    brush = painter.Draw(sheet)
    for number, picture in enumerate(pictures):
        x = _GAP + number % columns * (group + _GAP)
        y = _GAP + number // columns * (height + _CAPTION + _GAP)
        grey = picture.shape[2] == 1
        shown = image.fromarray(picture[..., 0] if grey else picture).convert("RGB")
        shown = shown.resize((width, height), image.Resampling.NEAREST)
        for panel in panels:
            boxes = panel.boxes[number]
            brush.text((x, y), _fitting(brush, panel.title, f": {len(boxes)}", width), fill="#000000")
            sheet.paste(_with_boxes(shown, boxes, factor, names), (x, y + _CAPTION))
            x += width + 2
    with files.replacing(path) as temporary:
        sheet.quantize(256).save(temporary, format="PNG", optimize=True)
    return path


def _fitting(brush: ImageDraw.ImageDraw, title: str, rest: str, width: int) -> str:
    """Returns title and rest, the title cut where both are wider than `width` pixels."""
    shown = title
    while shown and brush.textlength(shown + rest) > width:
        shown = shown[:-1]
    return (shown if shown == title else f"{shown[:-2]}..") + rest


def _with_boxes(shown: Image.Image, boxes: Sequence[Drawn], factor: int, names: Sequence[str]) -> Image.Image:
    made = shown.copy()
    brush = need_package("PIL.ImageDraw").Draw(made)
    for box in boxes:
        colour = _COLOURS[box.label % len(_COLOURS)] if box.label >= 0 else _IGNORED
        edges = [round(factor * edge) for edge in box.edges]
        right, lower = max(edges[0], edges[2] - 1), max(edges[1], edges[3] - 1)
        brush.rectangle((edges[0], edges[1], right, lower), outline=colour, width=1)
        name = names[box.label] if len(names) > 1 and box.label >= 0 else ""
        if said := " ".join(part for part in (name, box.text) if part):
            brush.text((edges[0] + 2, max(0, edges[1] - 11)), said, fill=colour)
    return made

"""Figures of a detector's data: distributions of boxes, and a sheet of training pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgekit.data import picture_statistics
from edgekit.data.pictures import Box, Picture
from edgekit.pipeline.board_pictures import true_boxes
from edgekit.pipeline.picture_sheet import Panel, draw
from edgekit.pipeline.run_folder import RunFolder
from edgekit.training.detection import boxes

_ON_SHEET = 12
_COLUMNS = 6


def draw_data(run: RunFolder) -> Path:
    """Draws plots/data_boxes.svg and plots/examples.png, unless they are there.

    Args:
        run: Of pictures; its data are prepared.

    Returns:
        The sheet's path.
    """
    recipe = run.recipe
    figure, sheet = run.plots / "data_boxes.svg", run.plots / "examples.png"
    if figure.is_file() and sheet.is_file():
        return sheet
    with np.load(run.need(run.frames, f"train {recipe.name}"), allow_pickle=False) as arrays:
        pictures = [
            one
            for split in recipe.data.splits
            for one in _pictures(
                arrays[f"extras/{split}/{boxes.EXTRA}"], arrays[f"x_{split}"].shape[1:], recipe.classes
            )
        ]
        pixels, given = arrays["x_train"], arrays[f"extras/train/{boxes.EXTRA}"]
    found = picture_statistics.statistics(pictures)
    title = f"{recipe.data.dataset}: boxes in pixels of the network's input"
    picture_statistics.plot(found, figure, title)
    filled = np.flatnonzero(boxes.objects(given).any(axis=1))
    chosen = filled[np.arange(min(_ON_SHEET, len(filled))) * len(filled) // min(_ON_SHEET, len(filled))]
    panel = Panel("boxes", [true_boxes(rows) for rows in given[chosen]])
    return draw(sheet, pixels[chosen], [panel], _COLUMNS, recipe.classes)


def _pictures(given: boxes.Boxes, shape: tuple[int, ...], classes: list[str]) -> list[Picture]:
    """Returns what the statistics want of the boxes of some frames."""
    made = []
    for number, rows in enumerate(given):
        found = [
            Box(row[0], row[1], row[2] - row[0], row[3] - row[1], classes[max(0, int(row[boxes.LABEL]))],
                difficult=bool(row[boxes.IGNORED]))
            for row in rows[boxes.objects(rows) | boxes.ignored(rows)].tolist()
        ]  # fmt: skip
        made.append(Picture(f"{number}", "", shape[1], shape[0], tuple(found)))
    return made

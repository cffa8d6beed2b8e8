"""The test pictures of a detector with their true boxes, the PC's and a board's, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import console
from edgekit.camera import frames as made
from edgekit.compiler import attached
from edgekit.hil.picture_run import Box
from edgekit.manifest import Manifest
from edgekit.pipeline.picture_sheet import Drawn, Panel, draw
from edgekit.postproc.boxes import SUBPIXELS, Border, probability
from edgekit.training.detection import boxes

_COLUMNS = 2
_LABEL, _SCORE = 5, 6  # of a `Box`


def path_of(folder: Path, board: str) -> Path:
    """Returns where the pictures of a board's run lie.

    Args:
        folder: The export.
        board: Key of the board.
    """
    return folder / "hil" / f"boxes-{board}.png"


def write(
    folder: Path,
    board: str,
    exported: Manifest,
    frames: NDArray[np.uint8],
    truth: NDArray[np.float32],
    pc: Sequence[Sequence[Box]],
    found: Sequence[Sequence[Box]],
) -> Path | None:
    """Draws the frames that were made of test pictures.

    Args:
        folder: The export.
        board: Key of the board.
        exported: Of a detector with a camera.
        frames: uint8 [k, height, row bytes]; the hostile ones at the end are left out.
        truth: True boxes of the vectors, float32 [n, most, 6].
        pc, found: Boxes of each frame, the PC's and the board's.

    Returns:
        The PNG's path; None where Pillow is not installed.
    """
    if find_spec("PIL") is None:
        console.warn("no pictures with boxes: Pillow is not installed (pip install 'edgekit[train]')")
        return None
    assert exported.camera is not None
    camera = attached.designed(exported.camera)
    count = min(len(frames) - len(made.hostile(camera)), len(truth))
    panels = [
        Panel("truth", [true_boxes(rows) for rows in truth[:count]]),
        Panel("PC", [_drawn(one, exported) for one in pc[:count]]),
        Panel(board, [_drawn(one, exported) for one in found[:count]]),
    ]
    seen = camera.pixels_of_rows(frames[:count])
    return draw(path_of(folder, board), seen, panels, _COLUMNS, exported.labels)


def true_boxes(rows: boxes.Boxes) -> list[Drawn]:
    """Returns the boxes of one picture, float32 [most, 6], to be drawn; those to be ignored without class."""
    there = boxes.objects(rows) | boxes.ignored(rows)
    return [
        Drawn(row[:4].tolist(), -1 if row[boxes.IGNORED] else int(row[boxes.LABEL])) for row in rows[there]
    ]


def _drawn(found: Sequence[Box], exported: Manifest) -> list[Drawn]:
    assert exported.boxes is not None
    name = exported.boxes.coverage
    coverage = next(tensor for tensor in exported.outputs if tensor.name == name)
    border = Border(coverage.scale, coverage.zero_point)
    scores = probability(np.array([box[_SCORE] for box in found], np.int64), border)
    return [
        Drawn([edge / SUBPIXELS for edge in box[:4]], box[_LABEL], f"{score:.2f}")
        for box, score in zip(found, scores.tolist(), strict=True)
    ]

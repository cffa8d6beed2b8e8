"""Some pictures of each test set with their true boxes, and those of every run beside them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import console
from edgekit.pipeline import data
from edgekit.pipeline.board_pictures import true_boxes
from edgekit.pipeline.picture_sheet import Drawn, Panel, draw
from edgekit.pipeline.run_folder import RunFolder
from edgekit.training import evaluate
from edgekit.training.detection.boxes import EXTRA, objects
from edgekit.training.detection.score import Detections
from edgekit.training.tasks import detection

_PICTURES = 4  # of each test set


def write(folder: Path, runs: Mapping[str, RunFolder], tests: Mapping[str, RunFolder]) -> dict[str, Path]:
    """Draws the first pictures of each test set in which there is something to find.

    Args:
        folder: Where boxes-1.png and so on go, one for each test set.
        runs: Detectors of the same camera and classes, by name.
        tests: Runs whose test splits are the test sets, by name.

    Returns:
        The pictures by test set; none where Pillow is not installed.
    """
    if find_spec("PIL") is None:
        console.warn("no pictures with boxes: Pillow is not installed (pip install 'edgekit[train]')")
        return {}
    made = {}
    for number, (name, test) in enumerate(tests.items(), 1):
        frames, pixels = data.load(test, "test"), data.pixels(test, "test")
        truth = frames.extras[EXTRA]
        chosen = np.flatnonzero(objects(truth).any(axis=1))[:_PICTURES]
        if pixels is None or not len(chosen):
            continue
        panels = [Panel("truth", [true_boxes(rows) for rows in truth[chosen]])]
        panels += [Panel(run, _found(runs[run], frames.x[chosen])) for run in runs]
        path = folder / f"boxes-{number}.png"
        made[name] = draw(path, pixels[chosen], panels, columns=1, names=test.recipe.classes)
    return made


def _found(run: RunFolder, x: NDArray[np.float32]) -> list[list[Drawn]]:
    """Returns what the quantised network of a run names in each picture."""
    outputs = evaluate.predict_int8(run.tflite.read_bytes(), x).values
    return [_drawn(one) for one in detection.deployed(run.recipe, outputs)]


def _drawn(found: Detections) -> list[Drawn]:
    return [
        Drawn(corners.tolist(), int(label), f"{score:.2f}")
        for corners, label, score in zip(found.corners, found.labels, found.scores, strict=True)
    ]

"""From pictures to what the model sees: no box goes without a word."""

import numpy as np

from edgekit.camera.config import CameraConfig
from edgekit.data.pictures import Box, Picture
from edgekit.errors import Problem
from edgekit.pipeline import picture_frames
from edgekit.training.detection import boxes
from tests.training.detection.rectangles import RECIPE


def test_boxes_that_the_model_does_not_see_are_counted():
    camera = CameraConfig(
        format="grey", width=32, height=32, crop=(0, 0, 16, 32), size=(16, 32), colour="grey"
    )
    recipe = RECIPE.model_copy(update={"camera": camera})
    label = RECIPE.classes[0]
    given = (
        Box(1, 1, 10, 10, label),
        Box(20, 2, 8, 8, label),  # right of the crop
        Box(15, 2, 10, 10, label),  # mostly so
        Box(2, 20, 1, 9, label),  # narrow
        Box(0, 0, 3, 3, "other", difficult=True),
    )
    pixels = np.zeros((32, 32, 3), np.uint8)
    skipped: list[Problem] = []
    frames = picture_frames.frames_of([Picture("a", "a", 32, 32, given, array=pixels)], recipe, skipped)
    (rows,) = frames.extras[boxes.EXTRA]
    assert (boxes.objects(rows).sum(), boxes.ignored(rows).sum()) == (1, 3)
    (problem,) = skipped
    assert problem.where == "camera.crop" and problem.what.startswith("1 box(es) lie outside")

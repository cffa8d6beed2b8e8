"""Real aerial photographs through the pipeline and the metric; EDGEKIT_TEST_TREES names their folder.

`edgekit data get deepforest -o DIR` fills it.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from edgekit.pipeline import picture_frames
from edgekit.postproc.boxes import Limits
from edgekit.recipes.base import parse
from edgekit.training.detection import targets
from edgekit.training.detection.boxes import LABEL, objects
from edgekit.training.detection.score import Detections, evaluate
from edgekit.training.tasks.detection import decoded, grid_of

pytest.importorskip("pycocotools")


@pytest.fixture(scope="module")
def folder():
    found = os.environ.get("EDGEKIT_TEST_TREES", "")
    if not found:
        pytest.skip("EDGEKIT_TEST_TREES names no folder")
    return Path(found)


@pytest.mark.parametrize(("stride", "found"), [(8, 1405), (16, 1391)])
def test_true_boxes_of_real_pictures_pass_through_the_grid_and_the_metric(folder, stride, found):
    recipe = parse(
        {
            "name": "trees", "title": "Trees", "description": "", "task": "detection", "classes": ["Tree"],
            "data": {
                "dataset": "deepforest", "options": {"tile": 320, "overlap": 0},
                "splits": dict.fromkeys(("train", "validation", "calibration", "test"), 1),
            },
            "camera": {"format": "rgb888", "width": 320, "height": 320, "size": [160, 160]},
            "model": {"name": "detectnet-v2", "params": {"stride": stride}}, "training": {},
        },
        "test",
    )  # fmt: skip
    splits, summary, skipped = picture_frames.prepare(recipe, folder)
    assert not skipped and sum(summary["pictures"].values()) == 88
    assert [len(set(frames.subjects.tolist())) for frames in splits.values()] == [1, 1, 1, 1]
    hits = 0
    for name, frames in splits.items():
        truth = frames.extras["boxes"]
        rows = [one[objects(one)] for one in truth]
        same = [
            Detections(one[:, :4], one[:, LABEL].astype(int), np.ones(len(one), np.float32)) for one in rows
        ]
        shifted = [one._replace(corners=one.corners + np.float32(2)) for one in same]
        exact, off = (evaluate(truth, given, 1, 0.4) for given in (same, shifted))
        assert exact.map50 == exact.map == 1.0 and off.map < 0.3 < off.map50 < 0.9
        said = targets.encode(truth, grid_of(recipe))
        outputs = {
            "coverage": np.where(said["coverage"][..., :1] > 0, 4, -8).astype(np.float32),
            "boxes": said["boxes"][..., :4],
        }
        limits = Limits(0.5, 0.4, 256, 100)
        through = evaluate(truth, decoded(outputs, stride, limits), 1, 0.4)
        assert through.by_class[0]["precision"] == 1.0 and through.map50 > 0.97
        counts = sum(map(len, rows))
        hits += round(through.by_class[0]["recall"] * counts)
        print(f"{name}: {len(truth)} pictures, {counts} boxes, mAP50 {through.map50:.3f}, stride {stride}")
    assert hits == found

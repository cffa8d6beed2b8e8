"""Mean average precision with pycocotools, by class and by size, and the curve of precision and recall.

Source: COCO's detection metrics (cocodataset.org/#detection-eval). mAP50 counts a box as found where it
shares half of the union with the true one; mAP is the mean over 50 % to 95 %. Small, medium and large have
bounds of their own, as the model's input is a small picture.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgekit.data.base import need_package
from edgekit.training.detection.boxes import LABEL, Boxes, ignored, objects

SIZES = {"small": (0.0, 16.0**2), "medium": (16.0**2, 32.0**2), "large": (32.0**2, 1e10)}
"""Bounds of a box's area in square pixels of the model's input."""
_MOST = 100  # boxes of a picture that count, as in COCO


class Detections(NamedTuple):
    """What a network says of one picture.

    Args:
        corners: float32 [n, 4], left, upper, right and lower edge in pixels.
        labels: int64 [n].
        scores: float32 [n], probabilities.
    """

    corners: NDArray[np.float32]
    labels: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class Precision:
    """How well boxes were found.

    Args:
        map50, map: Means over the classes, 0 to 1; 0 where there is nothing to find.
        by_class: Of each class AP50, AP, the number of objects, and of the boxes at the threshold precision,
            recall, None where there is nothing to divide by, and how many are right and wrong.
        by_size: Of each size mAP50 and mAP, or None, and the number of objects.
        recall: float64 [101], where the curves are sampled.
        curves: float64 [101, classes]: precision at 50 % by recall; -1 of a class without objects.
    """

    map50: float
    map: float
    by_class: list[dict[str, Any]]
    by_size: dict[str, dict[str, Any]]
    recall: NDArray[np.float64]
    curves: NDArray[np.float64]

    @property
    def figures(self) -> dict[str, float | None]:
        """mAP, and means over the classes of precision and recall at the threshold, by name."""
        found: dict[str, float | None] = {"mAP": self.map}
        for name in ("precision", "recall"):
            known = [part[name] for part in self.by_class if part[name] is not None]
            found[name] = sum(known) / len(known) if known else None
        return found


def evaluate(
    truth: Boxes, found: Sequence[Detections], classes: int, threshold: float, most: int = _MOST
) -> Precision:
    """Returns the precision of boxes found in pictures.

    Args:
        truth: float32 [n, most, 6]; see `detection.boxes`.
        found: Of each picture; also those far below the threshold, which the curve goes on to.
        classes: Number of classes.
        threshold: Score from which the deployed system names a box.
        most: Boxes of a picture that it names, the surest.

    Raises:
        EnvironmentFailed: pycocotools is not installed.
    """
    evaluation = _evaluated(truth, found, classes)
    least = [_least(one.scores, threshold, most) for one in found]
    precision = evaluation.eval["precision"][..., -1]  # [10 overlaps, 101 recalls, classes, 1 + sizes]
    counts = [int((objects(truth) & (truth[..., LABEL] == label)).sum()) for label in range(classes)]
    by_class = [
        {
            "objects": counts[label],
            "AP50": _mean(precision[0, :, label, 0]),
            "AP": _mean(precision[:, :, label, 0]),
            **_at_threshold(evaluation, label, least),
        }
        for label in range(classes)
    ]
    area = ((truth[..., 2] - truth[..., 0]) * (truth[..., 3] - truth[..., 1]))[objects(truth)]
    by_size = {
        name: {
            "objects": int(((area >= low) & (area < high)).sum()),
            "AP50": _mean(precision[0, :, :, index]),
            "AP": _mean(precision[:, :, :, index]),
        }
        for index, (name, (low, high)) in enumerate(SIZES.items(), 1)
    }
    return Precision(
        _mean(precision[0, :, :, 0]) or 0.0,
        _mean(precision[:, :, :, 0]) or 0.0,
        by_class,
        by_size,
        evaluation.params.recThrs,
        precision[0, :, :, 0],
    )


def _evaluated(truth: Boxes, found: Sequence[Detections], classes: int) -> Any:
    """Returns a finished `COCOeval`."""
    coco_module, eval_module = need_package("pycocotools.coco"), need_package("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its progress
        known, given = coco_module.COCO(), coco_module.COCO()
        pictures = [{"id": index} for index in range(len(truth))]
        categories = [{"id": label} for label in range(classes)]
        known.dataset = {"images": pictures, "categories": categories, "annotations": _truths(truth, classes)}
        given.dataset = {"images": pictures, "categories": categories, "annotations": _answers(found)}
        known.createIndex()
        given.createIndex()
        evaluation = eval_module.COCOeval(known, given, "bbox")
        evaluation.params.areaRng = [[0.0, 1e10], *map(list, SIZES.values())]
        evaluation.params.areaRngLbl = ["all", *SIZES]
        evaluation.params.maxDets = [_MOST]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def _truths(truth: Boxes, classes: int) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for picture, index in zip(*np.nonzero(objects(truth)), strict=True):
        row = truth[picture, index]
        made.append(_annotation(picture, row[LABEL], row[:4], len(made)))
    for picture, index in zip(*np.nonzero(ignored(truth)), strict=True):
        for label in range(classes):
            made.append({**_annotation(picture, label, truth[picture, index, :4], len(made)), "iscrowd": 1})
    return made


def _answers(found: Sequence[Detections]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for picture, one in enumerate(found):
        for corners, label, score in zip(one.corners, one.labels, one.scores, strict=True):
            made.append({**_annotation(picture, label, corners, len(made)), "score": float(score)})
    return made


def _annotation(picture: Any, label: Any, corners: NDArray[np.float32], number: int) -> dict[str, Any]:
    left, upper, right, lower = (float(edge) for edge in corners)
    width, height = right - left, lower - upper
    return {
        "id": number + 1, "image_id": int(picture), "category_id": int(label), "iscrowd": 0,
        "bbox": [left, upper, width, height], "area": width * height,
    }  # fmt: skip


def _least(scores: NDArray[np.float32], threshold: float, most: int) -> float:
    """Returns the least score of a picture's boxes that the deployed system names."""
    return max(threshold, float(np.sort(scores)[-most])) if len(scores) > most else threshold


def _at_threshold(evaluation: Any, label: int, least: Sequence[float]) -> dict[str, float | int | None]:
    """Returns how good the boxes are that the deployed system names, at an overlap of 50 %."""
    right = wrong = missed = 0
    pictures = len(evaluation.params.imgIds)
    start = (
        label * len(evaluation.params.areaRng) * pictures
    )  # by class, size and picture; the first size is all
    for one, score in zip(evaluation.evalImgs[start : start + pictures], least, strict=True):
        if one is None:
            continue
        named = (np.array(one["dtScores"]) >= score) & ~np.asarray(one["dtIgnore"][0], bool)
        hits = int((named & (np.asarray(one["dtMatches"][0]) > 0)).sum())
        right, wrong = right + hits, wrong + int(named.sum()) - hits
        missed += int((~np.asarray(one["gtIgnore"], bool)).sum()) - hits
    return {
        "precision": right / (right + wrong) if right + wrong else None,
        "recall": right / (right + missed) if right + missed else None,
        "right": right,
        "wrong": wrong,
    }


def _mean(values: NDArray[np.float64]) -> float | None:
    """Returns the mean of what is known, None where nothing is."""
    known = values[values > -1]
    return float(known.mean()) if known.size else None

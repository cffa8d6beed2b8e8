"""Boxes around objects: coverage and box values on a grid, judged by mean average precision.

Targets and losses follow NVIDIA's DetectNet_v2; see `edgekit.training.detection`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from edgekit import console
from edgekit.errors import EnvironmentFailed, InputError, Problem
from edgekit.manifest import Manifest, TensorInfo
from edgekit.models import base as models
from edgekit.postproc.boxes import IOU_ONE, SUBPIXELS, Border, Limits, decode_float, probability
from edgekit.quant import dequantize
from edgekit.recipes.base import Recipe
from edgekit.training.detection import augment, targets
from edgekit.training.detection.boxes import EXTRA, LABEL, Boxes, objects
from edgekit.training.detection.score import Detections, Precision, evaluate
from edgekit.training.detection.targets import Grid
from edgekit.training.examples import Examples
from edgekit.training.objective import Array, Objective, Outputs, Targets
from edgekit.training.tasks.base import Measured, Predict, Score, Splits, Task

COVERAGE, BOXES = "coverage", "boxes"
# The curve of precision goes on below the deployed threshold, and no picture has more boxes than COCO counts;
# which boxes are left out for a surer one is the recipe's or the export's.
_SCORED = Limits(threshold=0.02, iou=0.4, max_candidates=256, max_boxes=100)
_JUDGED = 400  # validation pictures that name the best epoch


class Detection(Task):
    """Outputs "coverage" and, unless the network gives centroids, "boxes"."""

    title = "Detection"
    metric = "mAP50"

    def check(self, recipe: Recipe) -> Iterator[Problem]:
        """Yields what of camera, model and augmentation does not suit a detector."""
        if recipe.camera is None:
            yield Problem("camera", "is needed for pictures", "frame and size of the model's input")
            return
        yield from recipe.camera.problems()
        yield from _misfits(recipe, recipe.camera.size)
        yield from augment.faults(recipe.detection.augment, *recipe.camera.size)
        if recipe.training.label_smoothing:
            yield Problem("training.label_smoothing", "is not for detectors", "0")

    def objective(self, recipe: Recipe, train: Examples) -> Objective:
        """Returns the loss of coverage plus that of boxes; the best epoch is that of the best mAP50."""
        from edgekit.training.detection import losses

        grid, config = grid_of(recipe), recipe.detection
        count = len(recipe.classes)
        weighted = recipe.training.class_weights and not list(_faults({"train": train}, recipe))
        weights = (
            targets.class_weights(train.extras[EXTRA], count) if weighted else np.ones(count, np.float32)
        )
        loss = {COVERAGE: losses.coverage_loss(config.loss, config.foreground, weights)}
        if _has_boxes(recipe):
            loss[BOXES] = losses.box_loss(weights)
        parts = {COVERAGE: config.coverage_weight, BOXES: config.box_weight}

        def encoded(boxes: Targets) -> Targets:
            made = targets.encode(cast(Boxes, boxes), grid)
            return {name: made[name] for name in loss}

        def augmented(x: Array, boxes: Targets, rng: np.random.Generator) -> tuple[Array, Targets]:
            return augment.apply(x, cast(Boxes, boxes), config.augment, rng)

        def judged(outputs: Outputs, examples: Examples) -> dict[str, float]:
            rows = slice(None, _JUDGED)
            some = {name: values[rows] for name, values in outputs.items()}
            found = self._precision(recipe, some, examples.extras[EXTRA][rows])
            return {"mAP50": found.map50}

        return Objective(
            loss=loss,
            targets=lambda examples: examples.extras[EXTRA],
            loss_weights={name: parts[name] for name in loss},
            augment=augmented if config.augment else None,
            encode=encoded,
            measure=judged,
            watch="val_mAP50",
            higher_is_better=True,
            faults=partial(_faults, recipe=recipe),
            settings=config.model_dump(mode="json", exclude_defaults=True),
        )

    def score(self, recipe: Recipe, predict: Predict, examples: Splits) -> Score:
        """Returns mAP50, with a row for each class and size."""
        test = examples("test")
        found = self._precision(recipe, predict(test.x), test.extras[EXTRA])
        rows = [_row(name, part) for name, part in zip(recipe.classes, found.by_class, strict=True)] + [
            _row(name, part) for name, part in found.by_size.items() if part["objects"]
        ]
        objects_in_all = sum(part["objects"] for part in found.by_class)
        rows.append(_row("all", {"objects": objects_in_all, "AP50": found.map50, "AP": found.map}))
        right, wrong = (sum(part[name] for part in found.by_class) for name in ("right", "wrong"))
        return Score(
            found.map50, len(test.x), rows, drawing=(found.recall, found.curves),
            counts=f"{right:,} of {objects_in_all:,} found, {wrong:,} wrong",
        )  # fmt: skip

    def draw(self, recipe: Recipe, scores: Mapping[str, Score], folder: Path) -> None:
        """Draws the curves of precision and recall."""
        from edgekit.training import plots

        curves = {name: score.drawing for name, score in scores.items() if score.drawing is not None}
        plots.precision_recall(curves, recipe.classes, folder)

    def vector_targets(
        self, recipe: Recipe, predict: Predict, examples: Splits
    ) -> NDArray[np.float32] | None:
        """Returns the true boxes, float32 [n, most, 6]."""
        return examples("test").extras[EXTRA]

    def measure(
        self,
        exported: Manifest,
        labels: NDArray[np.int64] | None,
        targets: NDArray[np.float32] | None,
        outputs: Mapping[str, NDArray[Any]],
    ) -> Measured | None:
        """Returns the mAP50 of what a board answered, mAP, and precision and recall at the threshold."""
        tensors = {tensor.name: tensor for tensor in exported.outputs}
        if targets is None or targets.ndim != 3 or COVERAGE not in tensors:
            return None
        reals = {name: _reals(tensors[name], values) for name, values in outputs.items() if name in tensors}
        stride = exported.inputs[0].shape[-3] // reals[COVERAGE].shape[1]
        count = reals[COVERAGE].shape[-1]
        limits, named, side = _deployed(exported, tensors[COVERAGE])
        try:
            found = evaluate(
                targets, decoded(reals, stride, limits, side), count, named.threshold, named.max_boxes
            )
        except EnvironmentFailed as error:
            console.warn(f"no mAP of the board: {error.problems[0].what}")
            return None
        return Measured(found.map50, more=found.figures)

    def _precision(self, recipe: Recipe, outputs: Outputs, truth: Boxes) -> Precision:
        limits = replace(_SCORED, iou=recipe.detection.iou)
        found = decoded(outputs, grid_of(recipe).stride, limits, recipe.detection.side)
        named = recipe.detection.limits
        return evaluate(truth, found, len(recipe.classes), named.threshold, named.max_boxes)


def decoded(outputs: Outputs, stride: int, limits: Limits, side: float = 0) -> list[Detections]:
    """Returns the boxes in each picture.

    Args:
        outputs: "coverage", float32 [n, rows, columns, classes], logits, and "boxes", [.., 4 * classes], if
            there are any.
        stride: Pixels per cell.
        limits: What counts as a box.
        side: Of the box around a centroid, in pixels; 0 = a cell's.
    """
    boxes = outputs.get(BOXES)
    return [
        Detections(*decode_float(coverage, None if boxes is None else boxes[i], stride, limits, side))
        for i, coverage in enumerate(outputs[COVERAGE])
    ]


def deployed(recipe: Recipe, outputs: Outputs) -> list[Detections]:
    """Returns the boxes that the deployed system names in each picture.

    Args:
        recipe: With a camera.
        outputs: As for `decoded`.
    """
    config = recipe.detection
    return decoded(outputs, grid_of(recipe).stride, config.limits, config.side)


def grid_of(recipe: Recipe) -> Grid:
    """Returns the grid of a recipe's network, and how boxes are drawn onto it.

    Args:
        recipe: With a camera.
    """
    stride = int(_network(recipe)["stride"])
    width, height = recipe.camera.size if recipe.camera else (0, 0)
    config = recipe.detection
    return Grid(
        height // stride, width // stride, len(recipe.classes), stride, config.radius, config.min_radius
    )


def _network(recipe: Recipe) -> Mapping[str, Any]:
    return models.REGISTRY.get(recipe.model.name).parse(recipe.model.params).model_dump()


def _misfits(recipe: Recipe, size: tuple[int, int]) -> Iterator[Problem]:
    """Yields what of a network's name and parameters can be told without building it."""
    try:
        network = _network(recipe)
        if backbone := network.get("backbone"):
            models.REGISTRY.get(backbone).parse(network["backbone_params"])
    except InputError as error:
        yield from error.problems
        return
    stride = network.get("stride")
    if not stride:
        yield Problem("model.name", f"'{recipe.model.name}' has no grid", "a detector, e.g. detectnet-v2")
    elif size[0] % stride or size[1] % stride:
        found = f"{size[0]} x {size[1]}"
        yield Problem(
            "camera.size", "is no whole number of the network's cells", f"multiples of {stride}", found
        )


def _has_boxes(recipe: Recipe) -> bool:
    return bool(_network(recipe).get("boxes", True))


def _faults(splits: Mapping[str, Examples], recipe: Recipe) -> Iterator[Problem]:
    """Yields that a split holds no boxes as an array, or the training none of a class."""
    for name, split in splits.items():
        where = f"split '{name}'"
        boxes = split.extras.get(EXTRA)
        if boxes is None:
            yield Problem(where, "holds no boxes", hint="train again")
            continue
        there = np.unique(boxes[objects(boxes)][:, LABEL]).astype(int).tolist()
        if there and not 0 <= there[0] <= there[-1] < len(recipe.classes):
            yield Problem(
                where, "a box's class is out of range", f"0 to {len(recipe.classes) - 1}", str(there)
            )
        elif name == "train" and (absent := sorted(set(range(len(recipe.classes))) - set(there))):
            names = ", ".join(recipe.classes[label] for label in absent)
            yield Problem(where, f"no box of class {names}", hint="more pictures, or fewer classes")


def _deployed(exported: Manifest, coverage: TensorInfo) -> tuple[Limits, Limits, float]:
    """Returns the limits to score with, those of an export, and the side of its centroids' boxes."""
    if exported.boxes is None:
        return _SCORED, _SCORED, 0
    decoder = exported.boxes.decoder
    least = np.array([decoder["threshold"] - 0.5])  # between what is named and what is not
    level = probability(least, Border(coverage.scale, coverage.zero_point))
    iou = decoder["iou"] / IOU_ONE
    named = Limits(float(level[0]), iou, decoder["max_candidates"], decoder["max_boxes"])
    return replace(_SCORED, iou=iou), named, 2 * decoder["half"] / SUBPIXELS


def _reals(tensor: TensorInfo, values: NDArray[Any]) -> NDArray[np.float32]:
    shaped = values.reshape(len(values), *tensor.shape[-3:])
    return np.asarray(dequantize(shaped, tensor.scale, tensor.zero_point), np.float32)


def _row(name: str, part: Mapping[str, Any]) -> dict[str, str | int | float | None]:
    found = {key: part.get(key) for key in ("objects", "AP50", "AP", "precision", "recall")}
    return {"part": name, **{k: round(v, 4) if isinstance(v, float) else v for k, v in found.items()}}


TASK = Detection()

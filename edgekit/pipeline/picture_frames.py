"""From pictures with boxes to what the model sees of them, split by subject."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.camera.camera import Camera
from edgekit.data import pictures
from edgekit.data.pictures import Box, Picture
from edgekit.errors import InputError, Problem
from edgekit.pipeline.framing import Frames
from edgekit.recipes.base import Recipe
from edgekit.training.detection import boxes

_BLOCK = 32  # pictures that go through the camera together
_JUDGED = ("train", "validation", "test")


def prepare(recipe: Recipe, data_dir: Path | None) -> tuple[dict[str, Frames], dict[str, Any], list[Problem]]:
    """Returns the frames of each split, what data.json holds, and what was left out.

    The frames' x is what the camera's resizing gives, uint8 [n, height, width, channels].

    Args:
        recipe: With a camera.
        data_dir: Folder of the data set's files, for data sets that are read from disk.

    Raises:
        InputError: The data set has no usable picture, a class no box, or a split no picture.
    """
    dataset = pictures.dataset(recipe.data.dataset)
    skipped: list[Problem] = []
    found = dataset.pictures(dataset.parse(recipe.data.options), data_dir, recipe.classes, skipped)
    frames = frames_of(found, recipe, skipped)
    if not len(frames.y):
        raise InputError(
            [
                Problem(
                    recipe.data.dataset, "no usable picture", "pictures with boxes",
                    f"{len(skipped)} skipped", dataset.layout,
                ),
                *skipped[:10],
            ]
        )  # fmt: skip
    splits = split(frames, recipe)
    _check(splits, recipe)
    _span(splits.get("calibration"))
    summary = {
        "dataset": recipe.data.dataset,
        "title": dataset.title,
        "synthetic": dataset.synthetic,
        "classes": recipe.classes,
        "counts": {name: _counts(part, recipe) for name, part in splits.items()},
        "pictures": {name: len(part.y) for name, part in splits.items()},
        "ignored": {
            name: int(boxes.ignored(part.extras[boxes.EXTRA]).sum()) for name, part in splits.items()
        },
        "skipped": [{"where": problem.where, "what": problem.what} for problem in skipped],
    }
    return splits, summary, skipped


def frames_of(found: Iterable[Picture], recipe: Recipe, skipped: list[Problem]) -> Frames:
    """Returns pictures as the camera would give them to the model, with their boxes among the extras.

    Args:
        found: Pictures; those of another size than the camera's frame are resampled to it.
        recipe: With a camera.
        skipped: Pictures that cannot be read and boxes outside of their picture are appended here.
    """
    made = _Made(recipe)
    for picture in found:
        try:
            pixels = picture.read("rgb")
        except InputError as error:
            skipped += error.problems
            continue
        made.add(picture, pixels, skipped)
    return made.finish(skipped)


class _Made:
    def __init__(self, recipe: Recipe) -> None:
        self.camera = Camera.design(recipe.camera or {})
        self.classes = {name: index for index, name in enumerate(recipe.classes)}
        self.waiting: list[NDArray[np.uint8]] = []
        self.x: list[NDArray[np.uint8]] = []
        self.rows: list[list[list[float]]] = []
        self.names: list[str] = []
        self.subjects: list[str] = []

    def add(self, picture: Picture, pixels: NDArray[np.uint8], skipped: list[Problem]) -> None:
        config = self.camera.config
        self.waiting.append(_sized(pixels, config.width, config.height))
        if len(self.waiting) == _BLOCK:
            self._flush()
        scale = np.array([config.width / picture.width, config.height / picture.height])
        self.rows.append(
            [row for box in picture.boxes if (row := self._row(picture, box, scale, skipped)) is not None]
        )
        self.names.append(picture.name)
        self.subjects.append(picture.subject)

    def finish(self, skipped: list[Problem]) -> Frames:
        self._flush()
        width, height = self.camera.config.size
        x = np.concatenate(self.x) if self.x else np.empty((0, *self.camera.shape), np.uint8)
        cut = boxes.clipped(boxes.padded(self.rows), width, height)
        gone = sum(map(len, self.rows)) - int((boxes.objects(cut) | boxes.ignored(cut)).sum())
        if gone:
            what = f"{gone} box(es) lie outside of the part of the pictures that the model sees"
            skipped.append(Problem("camera.crop", what))
        extras = {"record": np.array(self.names, np.str_), boxes.EXTRA: cut}
        y = np.array([_most(rows) for rows in cut], np.int64)
        return Frames(x, y, np.array(self.subjects, np.str_), extras)  # type: ignore[arg-type]

    def _row(
        self, picture: Picture, box: Box, scale: NDArray[np.float64], skipped: list[Problem]
    ) -> list[float] | None:
        if (
            box.x >= picture.width or box.y >= picture.height
            or box.x + box.width <= 0 or box.y + box.height <= 0
        ):  # fmt: skip
            skipped.append(
                Problem(
                    f"{picture.name}: {box.label}", "the box lies outside of its picture",
                    f"within {picture.width} x {picture.height}",
                    f"{box.width:g} x {box.height:g} at {box.x:g}, {box.y:g}",
                )
            )  # fmt: skip
            return None
        given = np.array([box.x, box.y, box.width, box.height]) * np.tile(scale, 2)
        left, upper, width, height = self.camera.to_input(given).tolist()
        label = -1 if box.ignored else self.classes[box.label]
        return [left, upper, left + width, upper + height, label, float(box.ignored)]

    def _flush(self) -> None:
        if self.waiting:
            self.x.append(self.camera.pixels(np.stack(self.waiting)))
            self.waiting.clear()


def split(frames: Frames, recipe: Recipe) -> dict[str, Frames]:
    """Returns the frames of each split, by subject; see `edgekit.data.pictures.split_pictures`.

    Raises:
        InputError: There are fewer subjects than splits.
    """
    subjects = frames.subjects.tolist()
    objects = [
        (subject, [recipe.classes[int(label)] for label in rows[boxes.objects(rows)][:, boxes.LABEL]])
        for subject, rows in zip(subjects, frames.extras[boxes.EXTRA], strict=True)
    ]
    config = recipe.data
    where = pictures.split_subjects(objects, config.splits, config.seed, config.share)
    names = np.array([where.get(subject, "") for subject in subjects])
    order = np.random.default_rng(config.seed).permutation(len(subjects))
    return {name: frames.take(order[names[order] == name]) for name in config.splits}


def _sized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Returns a picture in the camera's size."""
    if pixels.shape[:2] == (height, width):
        return pixels
    from PIL import Image

    resized = Image.fromarray(pixels).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, np.uint8)


def _most(rows: boxes.Boxes) -> int:
    """Returns the class of most objects of a picture; 0 where there are none."""
    labels = Counter(rows[boxes.objects(rows)][:, boxes.LABEL].astype(int).tolist())
    return min(labels, key=lambda label: (-labels[label], label), default=0)


def _span(calibration: Frames | None) -> None:
    """Puts a black and a white pixel into calibration, so that the input's range is the camera's.

    The input's scale is then 1/255 of it, and a pixel needs no table to be quantised.
    """
    if calibration is not None:
        calibration.x[0, 0, :2] = np.array([[0], [255]])


def _counts(frames: Frames, recipe: Recipe) -> dict[str, dict[str, int]]:
    made = {}
    for index, label in enumerate(recipe.classes):
        rows = _of(frames, index)
        pictured = rows.any(axis=1)
        made[label] = {
            "frames": int(pictured.sum()),
            "subjects": len(np.unique(frames.subjects[pictured])),
            "boxes": int(rows.sum()),
        }
    return made


def _of(frames: Frames, label: int) -> NDArray[np.bool_]:
    given = frames.extras[boxes.EXTRA]
    there: NDArray[np.bool_] = boxes.objects(given) & (given[..., boxes.LABEL] == label)
    return there


def _check(splits: Mapping[str, Frames], recipe: Recipe) -> None:
    where = recipe.data.dataset
    problems = [
        Problem(f"{where}: split '{name}'", "is empty", hint="more subjects or other data.splits")
        for name, frames in splits.items()
        if not len(frames.y)
    ]
    problems += [
        Problem(
            f"{where}: split '{name}'", f"has no box of class {label}",
            hint="more pictures of other subjects, other shares in data.splits, or fewer classes",
        )
        for name in _named(splits)
        for index, label in enumerate(recipe.classes)
        if not _of(splits[name], index).any()
    ]  # fmt: skip
    if problems:
        raise InputError(problems)


def _named(splits: Mapping[str, Frames]) -> Sequence[str]:
    return [name for name in _JUDGED if name in splits]

"""Stage 1: records or pictures -> preprocessing -> labelled frames, split by subject."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files
from edgekit.camera.camera import Camera
from edgekit.data import base as datasets
from edgekit.data import perturb
from edgekit.data.perturb import perturbed
from edgekit.data.split import assign, labels_by_subject, thinned
from edgekit.errors import InputError, Problem
from edgekit.pipeline import picture_frames
from edgekit.pipeline.framing import Frames, frames_of
from edgekit.pipeline.run_folder import RunFolder
from edgekit.preproc.chain import Chain
from edgekit.recipes.base import Recipe
from edgekit.training.examples import Examples
from edgekit.training.tasks import base as tasks


def prepare(run: RunFolder, data_dir: Path | None = None) -> None:
    """Writes frames.npz, data.json and, of signals, preproc.json, unless they are there.

    Args:
        run: The run.
        data_dir: Folder of the data set's files, for data sets that are read from disk.

    Raises:
        InputError: The data set has no usable record of some class, or a split is empty.
    """
    recipe = run.recipe
    if all(path.is_file() for path in (run.frames, run.data, *([] if recipe.camera else [run.preproc]))):
        return
    if recipe.camera:
        with run.stage("data"), console.status(f"Data: {datasets.REGISTRY.get(recipe.data.dataset).title}"):
            _write(run, *picture_frames.prepare(recipe, data_dir))
        return
    task = tasks.of(recipe)
    dataset = datasets.signals(recipe.data.dataset)
    perturb.check(recipe.data.perturb)
    with run.stage("data"), console.status(f"Data: {dataset.title}"):
        deployed = Chain.design(recipe.preproc.steps, recipe.preproc.rate_hz, recipe.preproc.input)
        skipped: list[Problem] = []
        options = dataset.parse(recipe.data.options)
        records = dataset.records(options, data_dir, recipe.classes, skipped)
        frames = frames_of(records, recipe)
        if not len(frames.y):
            raise InputError(
                [
                    Problem(
                        recipe.data.dataset,
                        "no usable record",
                        expected=f"records of the classes {', '.join(recipe.classes)}",
                        found=f"{len(skipped)} records skipped",
                        hint=dataset.layout,
                    ),
                    *skipped[:10],
                ]
            )
        splits = _split(frames, recipe)
        _check(splits, recipe)
        kept = dict(splits)
        if recipe.data.copies:
            again = dataset.records(options, data_dir, recipe.classes, [])
            subjects = set(splits["train"].subjects.tolist())
            copies = (
                perturbed(record, recipe.data.perturb, copy, recipe.data.seed)
                for record in again
                if record.subject in subjects
                for copy in range(recipe.data.copies)
            )
            kept["train"] = splits["train"].joined(frames_of(copies, recipe))
        if task.split:
            again = dataset.records(options, data_dir, recipe.classes, [])
            unseen = set(splits["test"].subjects.tolist())
            examined = task.examine(recipe, (record for record in again if record.subject in unseen))
            kept[task.split] = frames_of(examined, recipe)
    files.write_json(run.preproc, deployed.to_dict())
    _write(run, kept, _summary(dataset, splits, recipe, skipped), skipped)


def _write(
    run: RunFolder, kept: Mapping[str, Frames], summary: Mapping[str, Any], skipped: Sequence[Problem]
) -> None:
    arrays = {
        f"{part}_{name}": getattr(frames, part)
        for name, frames in kept.items()
        for part in ("x", "y", "subjects")
    }
    arrays |= {
        f"extras/{split}/{name}": values
        for split, frames in kept.items()
        for name, values in frames.extras.items()
    }
    with files.replacing(run.frames) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)
    files.write_json(run.data, summary)
    run.note(data_sha256={name: _hash(frames) for name, frames in kept.items()})
    if skipped:
        console.warn(f"{len(skipped)} skipped; data.json names each with its reason")


def load(run: RunFolder, split: str) -> Frames:
    """Returns the frames of one split.

    Args:
        run: A run whose data are prepared.
        split: "train", "validation", "calibration" or "test".
    """
    path = run.need(run.frames, f"train {run.path.parent.name}")
    with np.load(path, allow_pickle=False) as arrays:
        if f"x_{split}" not in arrays:
            raise InputError(
                where=str(path), what=f"holds no split '{split}'", hint="delete it and train again"
            )
        begin = f"extras/{split}/"
        extras = {name.removeprefix(begin): arrays[name] for name in arrays.files if name.startswith(begin)}
        x = arrays[f"x_{split}"]
        if x.dtype == np.uint8:  # pictures; a quarter of the space
            x = Camera.design(run.recipe.camera or {}).normalise(x)
        return Frames(x, arrays[f"y_{split}"], arrays[f"subjects_{split}"], extras)


def pixels(run: RunFolder, split: str) -> NDArray[np.uint8] | None:
    """Returns the pictures of one split as the camera's resizing gives them; None where there are none.

    Args:
        run: A run whose data are prepared.
        split: As for `load`.

    Returns:
        uint8 [n, height, width, 3 or 1]
    """
    with np.load(run.frames, allow_pickle=False) as arrays:
        x: NDArray[Any] = arrays[f"x_{split}"]
    return x if x.dtype == np.uint8 else None


def examples(run: RunFolder) -> Callable[[str], Examples]:
    """Returns what gives a split of a run by name, each read once.

    Args:
        run: A run whose data are prepared.
    """

    @functools.cache
    def split(name: str) -> Examples:
        frames = load(run, name)
        return Examples(frames.x, frames.y, {"subject": frames.subjects, **frames.extras})

    return split


def _split(frames: Frames, recipe: Recipe) -> dict[str, Frames]:
    subjects = frames.subjects.tolist()
    labels = labels_by_subject(
        (subject, recipe.classes[label]) for subject, label in zip(subjects, frames.y.tolist(), strict=True)
    )
    config = recipe.data
    where = thinned(assign(labels, config.splits, config.seed), labels, config.share, config.seed)
    names = np.array([where.get(subject, "") for subject in subjects])
    order = np.random.default_rng(config.seed).permutation(len(subjects))
    return {name: frames.take(order[names[order] == name]) for name in config.splits}


def _check(splits: dict[str, Frames], recipe: Recipe) -> None:
    problems = [
        Problem(
            f"{recipe.data.dataset}: split '{name}'",
            f"has no frame of class {label}",
            hint="more subjects, other shares in data.splits, or fewer classes",
        )
        for name, frames in splits.items()
        for index, label in enumerate(recipe.classes)
        if name in ("train", "validation", "test") and not (frames.y == index).any()
    ]
    problems += [
        Problem(
            f"{recipe.data.dataset}: split '{name}'", "is empty", hint="more subjects or other data.splits"
        )
        for name, frames in splits.items()
        if not len(frames.y)
    ]
    if problems:
        raise InputError(problems)


def _summary(
    dataset: datasets.Dataset[Any], splits: dict[str, Frames], recipe: Recipe, skipped: list[Problem]
) -> dict[str, Any]:
    counts = {
        name: {
            label: {
                "frames": int((frames.y == index).sum()),
                "subjects": len(np.unique(frames.subjects[frames.y == index])),
            }
            for index, label in enumerate(recipe.classes)
        }
        for name, frames in splits.items()
    }
    return {
        "dataset": recipe.data.dataset,
        "title": dataset.title,
        "synthetic": dataset.synthetic,
        "classes": recipe.classes,
        "counts": counts,
        "skipped": [{"where": problem.where, "what": problem.what} for problem in skipped],
    }


def _hash(frames: Frames) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(frames.x).tobytes())
    digest.update(frames.y.tobytes())
    return digest.hexdigest()

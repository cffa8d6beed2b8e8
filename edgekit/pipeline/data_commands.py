"""What `edgekit data` does: counts and examples of a recipe's data, and downloads."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console
from edgekit.data import base as datasets
from edgekit.data import summary
from edgekit.errors import InputError, did_you_mean
from edgekit.pipeline import data, picture_data
from edgekit.pipeline.model_file import read_chain
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.train import open_run
from edgekit.recipes import base as recipes
from edgekit.registry import key_of


def check_name(name: str) -> None:
    """Raises InputError where a name is no recipe's.

    Args:
        name: Registry key, or path of a recipe's file.
    """
    key = key_of(name)
    if name.endswith(".py") or key in recipes.REGISTRY.keys():
        return
    if key in datasets.REGISTRY.keys():
        hint = f"edgekit data show RECIPE --set data.dataset={key}"
        raise InputError(where=name, what="is a data set that is shown through a recipe", hint=hint)
    known = [*recipes.REGISTRY.keys(), *datasets.REGISTRY.keys()]
    raise InputError(where=name, what="no such recipe or data set", hint=did_you_mean(name, known))


def show(
    recipe: str, preset: str, settings: Sequence[str], data_dir: Path | None, runs: Path
) -> dict[str, Any]:
    """Prepares a recipe's data, prints counts per class and split, and draws examples.

    Args:
        recipe: Registry key, or path of a recipe's file.
        preset: Name of a set of overrides, or "".
        settings: The user's own overrides, each "a.b=value".
        data_dir: Folder of the data set's files, for data sets that are read from disk.
        runs: Folder that holds all runs.

    Returns:
        data.json, and where the picture lies.
    """
    run = open_run(recipe, preset, settings, runs)
    data.prepare(run, data_dir)
    found: dict[str, Any] = json.loads(run.data.read_text(encoding="utf-8"))
    title = f"{found['dataset']}{' (synthetic)' if found['synthetic'] else ''}: frames (subjects)"
    table = console.table(title, ["split", *found["classes"]])
    for split, row in found["counts"].items():
        table.add_row(split, *(f"{cell['frames']} ({cell['subjects']})" for cell in row.values()))
    console.stdout().print(table)
    if ignored := {split: count for split, count in found.get("ignored", {}).items() if count}:
        named = ", ".join(f"{split} {count}" for split, count in ignored.items())
        console.say(f"boxes that count neither way (difficult, mostly cut away or below 2 pixels): {named}")
    for item in found["skipped"][:10]:
        console.say(f"skipped: {item['where']}: {item['what']}")
    if len(found["skipped"]) > 10:
        console.say(f"... {len(found['skipped']) - 10} more in {run.data}")
    picture = draw_examples(run)
    console.say(f"examples: {picture}")
    return {**found, "run": str(run.path), "picture": str(picture)}


def draw_examples(run: RunFolder) -> Path:
    """Draws some training frames of each class to plots/examples.svg, of pictures to plots/examples.png."""
    recipe = run.recipe
    if recipe.camera:
        return picture_data.draw_data(run)
    picture = run.plots / "examples.svg"
    rate_hz = read_chain(run.preproc).frame_rate_hz
    title = f"{recipe.data.dataset}: frames as the network sees them"
    summary.plot_examples(_examples(run), rate_hz, picture, title)
    return picture


def download(dataset: str, out: Path, settings: Sequence[str], limit: int, mirror: str) -> Path:
    """Downloads a data set into a folder.

    Args:
        dataset: Registry key.
        out: Folder to fill.
        settings: Options of the data set, each "key=value".
        limit: At most so many records; 0 = all.
        mirror: Base address instead of the published one, or "".
    """
    found = datasets.REGISTRY.get(dataset)
    found.download(out, found.parse(recipes.settings_tree(settings), "--set"), limit=limit, mirror=mirror)
    console.say(f"{found.title}: {out}")
    return out


def _examples(run: RunFolder, per_class: int = 2) -> Iterator[tuple[str, NDArray[np.float32]]]:
    train = data.load(run, "train")
    for index, label in enumerate(run.recipe.classes):
        for position in islice(np.flatnonzero(train.y == index), per_class):
            frame = np.squeeze(train.x[position])
            yield label, frame if frame.ndim == 2 else frame.reshape(-1)

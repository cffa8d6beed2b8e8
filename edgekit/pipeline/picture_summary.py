"""What `edgekit data show` says of a data set of pictures: counts, distributions, and a sheet with boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit import console, files
from edgekit.data import base as datasets
from edgekit.data import picture_statistics
from edgekit.data.pictures import PictureDataset, dataset
from edgekit.errors import Problem
from edgekit.pipeline.convert import problem_list, readable, show_problems
from edgekit.recipes import base as recipes

_ON_SHEET = 12


def is_pictures(name: str) -> bool:
    """Returns whether `name` is a data set of pictures."""
    return name in datasets.REGISTRY.keys() and isinstance(datasets.REGISTRY.get(name), PictureDataset)


def show(name: str, settings: Sequence[str], data_dir: Path | None, runs: Path) -> dict[str, Any]:
    """Reads a data set of pictures, prints what there is, and draws its distributions and some pictures.

    Args:
        name: Registry key.
        settings: Options of the data set, each "key=value".
        data_dir: Folder of its files.
        runs: Folder for the files: `<runs>/data/<name>.json`, `.svg` and `-sheet.png`.

    Returns:
        The statistics, what was left out, and where the figures lie.
    """
    source = dataset(name)
    options = source.parse(recipes.settings_tree(settings), "--set")
    skipped: list[Problem] = []
    with console.status(f"Data: {source.title}"):
        pictures = list(source.pictures(options, data_dir, [], skipped))
    found = picture_statistics.statistics(pictures)
    title = f"{source.title}: {found['pictures']} pictures of {found['subjects']} subjects"
    _print(title, found)
    shown = list(readable(picture_statistics.spread(pictures, _ON_SHEET), skipped))
    show_problems(skipped)
    folder = runs / "data"
    figure, sheet = folder / f"{name}.svg", folder / f"{name}-sheet.png"
    picture_statistics.plot(found, figure, title)
    picture_statistics.plot_sheet(shown, sheet, source.title)
    result = {
        "dataset": name,
        "synthetic": source.synthetic,
        **found,
        "left_out": problem_list(skipped),
        "picture": str(figure),
        "sheet": str(sheet),
    }
    files.write_json(folder / f"{name}.json", result)
    console.say(f"distributions: {figure}; pictures with boxes: {sheet}")
    return result


def _print(title: str, found: dict[str, Any]) -> None:
    table = console.table(title, ["class", "boxes", "pictures", "small", "medium", "large"])
    for label, row in found["classes"].items():
        table.add_row(label, *(str(row[key]) for key in ("boxes", "pictures", "small", "medium", "large")))
    console.stdout().print(table)
    console.say(
        f"{found['without_boxes']} pictures without boxes; {found['ignored']} boxes count neither way "
        "(difficult, crowds, DontCare); small: below 32 x 32 pixels, large: from 96 x 96"
    )

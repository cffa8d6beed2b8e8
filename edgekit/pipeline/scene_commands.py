"""What `edgekit data render` does: a COCO folder of synthetic pictures, and a sheet of the first of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit import console, files
from edgekit.data import picture_statistics, synthetic_scenes
from edgekit.data.annotations import coco_document, coco_files
from edgekit.recipes.base import settings_tree
from edgekit.scenes import folder as scene_folder
from edgekit.scenes.base import REGISTRY

_ON_SHEET = 12


def render(
    scene: str,
    out: Path,
    count: int,
    domain: str,
    *,
    size: int | None = None,
    seed: int = 0,
    workers: int = 0,
    settings: Sequence[str] = (),
    layers: bool = False,
) -> dict[str, Any]:
    """Draws pictures into a folder that `coco` reads.

    Args:
        scene: Registry key, or a path to a `.py` file.
        out: Folder to fill; sound pictures of the same settings are kept.
        count: Of pictures.
        domain: Of the scene.
        size: Width and height in pixels; None = as the settings say.
        seed: Another seed gives other pictures.
        workers: Processes; 0 = one for each core.
        settings: Changes to the domain's settings, each "key=value".
        layers: Also write masks and depths as pictures.

    Returns:
        The folder, the counts of pictures and of each class, and where the sheet lies.

    Raises:
        InputError: No such scene or domain, wrong settings, or a folder of other pictures.
        EnvironmentFailed: OpenGL cannot start, a package is missing, the disk refused, or a process died.
    """
    made = REGISTRY.get(scene)
    changes = settings_tree(settings) | ({} if size is None else {"size": size})
    parsed = made.parse(domain, changes)
    job = scene_folder.Job(scene, parsed, seed, out, layers)
    records, kept = scene_folder.render(job, count, workers)
    pictures = list(synthetic_scenes.as_pictures(records, job))
    classes = synthetic_scenes.categories(made, parsed)
    document = coco_document.document([(picture.name, picture) for picture in pictures], classes)
    files.write_text(out / coco_files.NAME, json.dumps(document, allow_nan=False) + "\n")
    sheet = out / "sheet.png"
    title = f"{made.title}, domain {domain} (synthetic)"
    picture_statistics.plot_sheet(pictures[:_ON_SHEET], sheet, title)
    found = Counter(box.label for picture in pictures for box in picture.boxes)
    difficult = sum(box.difficult for picture in pictures for box in picture.boxes)
    background = f"photographs of {parsed.photographs}" if parsed.photographs != "none" else "painted"
    table = console.table(f"{count} synthetic pictures", ["class", "boxes"])
    for label in classes:
        table.add_row(label, str(found[label]))
    console.stdout().print(table)
    console.say(f"{made.title}, domain {domain}; backgrounds: {background}; {kept} were there already")
    console.say(f"{difficult} boxes are marked as difficult (less than {parsed.difficult_below:.0%} visible)")
    console.say(f"COCO: {out / coco_files.NAME}; sheet: {sheet}")
    return {
        "folder": str(out),
        "synthetic": True,
        "pictures": count,
        "kept": kept,
        "boxes": {label: found[label] for label in classes},
        "difficult": difficult,
        "photographs": parsed.photographs,
        "sheet": str(sheet),
    }

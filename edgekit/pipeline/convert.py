"""What `edgekit data convert` does: pictures with boxes from one format into another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgekit import console, files
from edgekit.data.annotations import base as formats
from edgekit.data.annotations.base import Annotations, ReadOptions
from edgekit.data.pictures import Picture
from edgekit.errors import InputError, Problem


def convert(
    source: Path,
    source_format: str,
    target_format: str,
    out: Path,
    options: ReadOptions,
    strict: bool = False,
) -> dict[str, Any]:
    """Reads a folder, names every fault, and writes the rest into a new folder, whole or not at all.

    Args:
        source: Folder, or the file that the format names.
        source_format: Registry key of its format.
        target_format: Registry key of the format that is written.
        out: Folder to make; an empty one may be there.
        options: What to do with boxes that stick out, labels and subjects.
        strict: Any fault ends it, and nothing is written.

    Returns:
        Numbers of pictures, subjects and boxes (by class), every fault, and how often what the target
        cannot say was `lost`, by key.

    Raises:
        InputError: The source is not in its format or holds no usable picture, the target cannot hold
            a name, `out` is not empty, or `options` speak of classes or names that are not there; with
            `strict`, any fault.
    """
    reader, writer = formats.REGISTRY.get(source_format), formats.REGISTRY.get(target_format)
    with files.making_folder(out) as folder:
        found = reader.read(source, options)
        if found.problems and (strict or not found.pictures):
            raise InputError(found.problems)
        if not found.pictures:
            raise InputError(where=str(source), what="holds no pictures", expected=reader.layout)
        if unused := found.unused(options):
            raise InputError(unused)
        title, count = f"{writer.title}: pictures", len(found.pictures)
        writer.write(console.track(_whole(found), title, count), folder, found.classes, found.more)
        if found.problems and (strict or not found.pictures):
            raise InputError(found.problems)
    _show(found, f"{reader.title} -> {writer.title}: {out}")
    lost = Counter(key for picture in found.pictures for key in writer.lost(picture))
    if lost:
        named = ", ".join(f"{key} ({count})" for key, count in sorted(lost.items()))
        console.say(f"{writer.title} cannot say, so left out: {named}")
    counts = Counter(box.label for picture in found.pictures for box in picture.boxes)
    return {
        "folder": str(out),
        "pictures": len(found.pictures),
        "subjects": len({picture.subject for picture in found.pictures}),
        "boxes": counts.total(),
        "classes": {label: counts[label] for label in found.classes},
        "left_out": problem_list(found.problems),
        "lost": dict(sorted(lost.items())),
    }


def readable(pictures: Iterable[Picture], problems: list[Problem]) -> Iterator[Picture]:
    """Yields the pictures that can be read to their end.

    Args:
        pictures: Any.
        problems: Faults of the others are appended here.
    """
    for picture in pictures:
        try:
            picture.read()
        except InputError as error:
            problems += error.problems
        else:
            yield picture


def _whole(found: Annotations) -> Iterator[Picture]:
    """Yields the readable pictures, and leaves these alone in `found`."""
    sound = []
    for picture in readable(found.pictures, found.problems):
        sound.append(picture)
        yield picture
    found.pictures = sound


def problem_list(problems: list[Problem]) -> list[dict[str, str]]:
    """Returns faults as JSON holds them: where, what, what was expected and found, and what to do."""
    return [asdict(one) for one in problems]


def show_problems(problems: list[Problem], most: int = 10) -> None:
    """Prints the first faults, how many more there are, and what to do, each once."""
    for problem in problems[:most]:
        console.say(f"left out: {str(problem).partition(chr(10))[0]}")
    if len(problems) > most:
        console.say(f"... and {len(problems) - most} more; --json names them all")
    for hint in dict.fromkeys(problem.hint for problem in problems[:most] if problem.hint):
        console.say(f"  next:     {hint}")


def _show(found: Annotations, title: str) -> None:
    boxes = Counter(box.label for picture in found.pictures for box in picture.boxes)
    holding = Counter(label for picture in found.pictures for label in {box.label for box in picture.boxes})
    table = console.table(title, ["class", "boxes", "pictures"])
    for label in found.classes:
        table.add_row(label, str(boxes[label]), str(holding[label]))
    table.add_row("all", str(boxes.total()), str(len(found.pictures)))
    console.stdout().print(table)
    show_problems(found.problems)

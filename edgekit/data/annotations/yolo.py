"""YOLO's labels: one text file per picture, `class cx cy width height` as shares of the picture's size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from edgekit import console
from edgekit.data.annotations import folders
from edgekit.data.annotations.base import AnnotationFormat, Annotations, ReadOptions, rounded
from edgekit.data.pictures import Box, Picture
from edgekit.errors import InputError, Problem, did_you_mean

_LISTS = ("classes.txt", "obj.names", "labels/classes.txt")
_ROUNDING = 1e-5  # of the picture's size: its numbers are written with six places
_MOST_CLASSES = 100_000
_COLUMNS = 5
_ROW_BYTES = 4096


class Yolo(AnnotationFormat):
    """Pictures in `images/` with labels in `labels/`, at any depth, or a label file beside each picture."""

    title = "YOLO"
    layout = "<folder>/data.yaml or classes.txt, <folder>/images/.../<name>.jpg and labels/.../<name>.txt"
    source = "https://docs.ultralytics.com/datasets/detect"

    def read(self, source: Path, options: ReadOptions) -> Annotations:
        """Returns the pictures in the order of their names; one without a label file is background.

        Args:
            source: The folder.
            options: See `ReadOptions`.
        """
        folder = Path(source)
        if not folder.is_dir():
            raise InputError(where=str(folder), what="no such folder", expected=self.layout)
        names = _names(folder, self.layout)
        pictures = folders.picture_files(folder)
        if not pictures:
            raise InputError(where=str(folder), what="holds no pictures", expected=self.layout)
        found = Annotations()
        for name in names.values():
            found.classes.setdefault(found.renamed(name, options), {})
        subjects = folders.read_subjects(folder)
        labelled = [path for path in sorted(folder.rglob("*.txt")) if _is_label_file(folder, path)]
        owned: set[Path] = set()
        for name, path in console.track(pictures.items(), "YOLO: pictures"):
            label_file = _label_file(folder, name)
            if label_file in owned:
                found.problems.append(Problem(str(path), "shares its label file with another picture"))
                continue
            owned.add(label_file)
            if (size := found.measure(path, name)) is None:
                continue
            boxes = _boxes(label_file, names, size, found, options) if label_file.is_file() else []
            found.add_picture(
                Picture(name, subjects.get(name, name), *size, tuple(boxes), path), str(path), options
            )
        if not labelled and not any(path.is_file() for path in owned):
            raise InputError(where=str(folder), what="holds no label file", expected=self.layout)
        found.problems += [
            Problem(str(path), "the picture is missing") for path in labelled if path not in owned
        ]
        return found


def _label_file(folder: Path, name: str) -> Path:
    """Returns images/a/b.jpg -> labels/a/b.txt (the last `images` of the path), else the file beside it."""
    parts = list(Path(name).with_suffix(".txt").parts)
    for position in range(len(parts) - 2, -1, -1):
        if parts[position] == "images":
            parts[position] = "labels"
            break
    return folder.joinpath(*parts)


def _is_label_file(folder: Path, path: Path) -> bool:
    """Says whether a .txt file is one: it lies below `labels`, or its first row could be a box."""
    if path.name == "classes.txt":
        return False
    if "labels" in path.relative_to(folder).parts[:-1]:
        return True
    try:
        with path.open("rb") as file:
            cells = file.readline(_ROW_BYTES).split()
        return len(cells) >= _COLUMNS and int(cells[0]) >= 0 and all(float(cell) >= 0 for cell in cells)
    except (OSError, ValueError):
        return False


def _names(folder: Path, layout: str) -> dict[int, str]:
    """Returns the classes by number."""
    tables = [path for path in (folder / "data.yaml", *sorted(folder.glob("*.yaml"))) if path.is_file()]
    for path in tables:
        try:
            tree = yaml.safe_load(folders.read_text(path))
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            raise InputError(where=str(path), what="is no YAML", found=str(error)[:160]) from error
        names = tree.get("names") if isinstance(tree, dict) else None
        pairs = dict(enumerate(names)) if isinstance(names, list) else names
        if isinstance(pairs, dict) and 0 < len(pairs) <= _MOST_CLASSES:
            if not all(_is_whole(key) for key in pairs):
                raise InputError(where=f"{path}: names", what="are not numbered", expected="0: plane")
            wrong = [
                key
                for key, name in pairs.items()
                if not (_is_whole(name) or (name and isinstance(name, str)))
            ]
            if wrong:
                raise InputError(
                    where=f"{path}: names: {wrong[0]}",
                    what="is no name",
                    found=repr(pairs[wrong[0]])[:80],
                    hint="put yes, no, on, off and null in quotes",
                )
            return {key: str(name) for key, name in pairs.items()}
    for path in (folder / name for name in _LISTS):
        if path.is_file():
            lines = folders.read_text(path).splitlines()
            return {key: line.strip() for key, line in enumerate(lines) if line.strip()}
    raise InputError(where=str(folder), what="does not name its classes", expected=layout)


def _boxes(
    path: Path, names: dict[int, str], size: tuple[int, int], found: Annotations, options: ReadOptions
) -> list[Box]:
    try:
        text = folders.read_text(path)
    except InputError as error:
        found.problems += error.problems
        return []
    boxes: list[Box] = []
    for line, row in enumerate(text.splitlines(), 1):
        if not (cells := row.split()):
            continue
        where = f"{path}:{line}"
        if len(cells) != _COLUMNS:
            what = "has a wrong number of columns"
            if len(cells) > _COLUMNS + 1:
                what += ": polygons and key points are not read"
            found.problems.append(Problem(where, what, str(_COLUMNS), str(len(cells))))
            continue
        try:
            key = int(cells[0])
            cx, cy, width, height = (float(cell) for cell in cells[1:])
        except ValueError:
            fault = Problem(where, "is no row of a class and four numbers", found=row[:80])
            found.problems.append(fault)
            continue
        if key not in names:
            hint = did_you_mean("", [f"{number} {name}" for number, name in list(names.items())[:20]])
            found.problems.append(Problem(where, "names no class", found=str(key), hint=hint))
            continue
        left, right = _edges(cx, width, size[0])
        top, bottom = _edges(cy, height, size[1])
        box = Box(left, top, rounded(right - left), rounded(bottom - top), names[key])
        boxes += found.add_box(box, size, where, options)
    return boxes


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _edges(centre: float, extent: float, length: int) -> tuple[float, float]:
    """Returns both edges in pixels; what is outside by no more than the format's rounding is put inside."""
    low, high = rounded((centre - extent / 2) * length), rounded((centre + extent / 2) * length)
    slack = _ROUNDING * length
    return (
        0.0 if -slack <= low < 0 else low,
        float(length) if length < high <= length + slack else high,
    )


FORMAT = Yolo()

"""KITTI's object labels: one text file per picture, 15 columns per object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from edgekit import console, files
from edgekit.data.annotations import folders
from edgekit.data.annotations.base import AnnotationFormat, Annotations, ReadOptions, number, rounded
from edgekit.data.pictures import DONT_CARE, Box, Picture
from edgekit.errors import InputError, Problem

_PLACES = (("image_2", "label_2"), ("images", "labels"))
_COLUMNS = 15  # and a 16th, the score, in files of results
_MOST = 1e300  # what a whole number may be and still become a float
_UNSAID: dict[str, Any] = {
    "alpha": -10.0,
    "dimensions": [-1.0, -1.0, -1.0],  # height, width, length in metres
    "location": [-1000.0, -1000.0, -1000.0],  # x, y, z in metres
    "rotation_y": -10.0,
}


class Kitti(AnnotationFormat):
    """`type truncated occluded alpha left top right bottom height width length x y z rotation_y [score]`."""

    title = "KITTI"
    layout = "<folder>/image_2/<name>.png and <folder>/label_2/<name>.txt (or images/ and labels/)"
    source = "https://www.cvlibs.net/datasets/kitti/eval_object.php"

    def read(self, source: Path, options: ReadOptions) -> Annotations:
        """Returns the pictures in the order of their names; see `AnnotationFormat`.

        A box is from `left` to `right`, so that its width is their difference. -1 in `truncated` and
        `occluded` is read as not said, and so are KITTI's numbers for unknown places in space.
        """
        pictures, labels = _find(Path(source), self.layout)
        found = Annotations()
        subjects = folders.read_subjects(labels.parent)
        texts = {
            path.relative_to(labels).with_suffix("").as_posix(): path
            for path in sorted(labels.rglob("*.txt"))
        }
        owners: dict[str, str] = {}
        for name, path in console.track(folders.picture_files(pictures).items(), "KITTI: pictures"):
            stem = name.rpartition(".")[0]
            if stem in owners:
                fault = Problem(str(path), "shares its label file with another picture", found=owners[stem])
                found.problems.append(fault)
                continue
            owners[stem] = name
            if stem not in texts:
                found.problems.append(
                    Problem(str(path), "has no label file", expected=str(labels / f"{stem}.txt"))
                )
                continue
            if (size := found.measure(path, str(texts[stem]))) is None:
                continue
            boxes = _boxes(texts[stem], size, found, options)
            found.add_picture(
                Picture(name, subjects.get(name, name), *size, tuple(boxes), path), str(path), options
            )
        found.problems += [
            Problem(str(path), "the picture is missing", expected=str(pictures / f"{stem}.png"))
            for stem, path in texts.items()
            if stem not in owners
        ]
        return found

    def write(
        self,
        pictures: Iterable[Picture],
        folder: Path,
        classes: Mapping[str, Mapping[str, Any]],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes `image_2/<name>`, `label_2/<name>.txt` and, where subjects need it, `subjects.csv`.

        Edges are written to a millionth of a pixel. A crowd is written as a region of class
        DontCare; what else has no place here, `lost` says.
        """
        subjects: dict[str, str] = {}
        stems: set[str] = set()
        for picture in pictures:
            lines = [_line(box, picture.name) for box in picture.boxes]
            name = folders.write_picture(picture, folder / "image_2")
            stem = name.rpartition(".")[0]
            if stem in stems:
                raise InputError(where=name, what="would share its label file with another picture")
            stems.add(stem)
            subjects[name] = picture.subject
            files.write_text(folder / "label_2" / f"{stem}.txt", "".join(lines))
        folders.write_subjects(folder, subjects)

    def lost(self, picture: Picture) -> Iterator[str]:
        """Yields keys that have no column; see `AnnotationFormat.lost`."""
        yield from (key for key in picture.more if key != "id")
        for box in picture.boxes:
            said = {"difficult": box.difficult, "class of a crowd": box.iscrowd, "area": box.area is not None}
            yield from (key for key, there in said.items() if there)
            yield from box.more.keys() - _columns(box).keys() - {"id"}


def _find(source: Path, layout: str) -> tuple[Path, Path]:
    for folder in (source, source / "training"):
        for pictures, labels in _PLACES:
            if (folder / pictures).is_dir() and (folder / labels).is_dir():
                return folder / pictures, folder / labels
    what = "is not in KITTI's layout" if source.is_dir() else "no such folder"
    raise InputError(where=str(source), what=what, expected=layout)


def _boxes(path: Path, size: tuple[int, int], found: Annotations, options: ReadOptions) -> list[Box]:
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
        if len(cells) not in (_COLUMNS, _COLUMNS + 1):
            found.problems.append(
                Problem(
                    where, "has a wrong number of columns", f"{_COLUMNS} or {_COLUMNS + 1}", str(len(cells))
                )
            )
            continue
        try:
            box = _box(cells[0], [float(cell) for cell in cells[1:]])
        except (ValueError, OverflowError):
            found.problems.append(Problem(where, "is no row of a name and numbers", found=row[:80]))
            continue
        boxes += found.add_box(box, size, where, options)
    return boxes


def _box(label: str, values: list[float]) -> Box:
    truncated, occluded, alpha, left, top, right, bottom, *rest = values
    if occluded != int(occluded):
        raise ValueError("occluded is no whole number")
    said = {"alpha": alpha, "dimensions": rest[0:3], "location": rest[3:6], "rotation_y": rest[6]}
    more = {key: value for key, value in said.items() if value != _UNSAID[key]}
    if len(rest) > 7:
        more["score"] = rest[7]
    return Box(
        left,
        top,
        rounded(right - left),
        rounded(bottom - top),
        label,
        occlusion=None if occluded == -1 else int(occluded),
        truncation=None if truncated == -1 else truncated,
        more=more,
    )


def _line(box: Box, where: str) -> str:
    label = DONT_CARE if box.iscrowd else box.label
    if not label or label.split() != [label]:
        raise InputError(
            where=f"{where}: {label!r}",
            what="cannot be a class in KITTI's files",
            expected="a name without spaces",
            hint="give it another one: --rename OLD=NEW",
        )
    edges = (box.x, box.y, box.x + box.width, box.y + box.height)
    said = {**_UNSAID, **_columns(box)}
    space = [said["alpha"], *said["dimensions"], *said["location"], said["rotation_y"]]
    if "score" in said:
        space.append(said["score"])
    cells = [
        label,
        _short(-1 if box.truncation is None else box.truncation),
        str(-1 if box.occlusion is None else box.occlusion),
        _short(space[0]),
        *map(number, edges),
        *map(_short, space[1:]),
    ]
    return " ".join(cells) + "\n"


def _columns(box: Box) -> dict[str, Any]:
    """Returns what of `more` is KITTI's: other formats may mean something else by these keys."""
    found = {}
    for key in ("alpha", "dimensions", "location", "rotation_y", "score"):
        value, count = box.more.get(key), 3 if key in ("dimensions", "location") else 1
        values = value if count > 1 and isinstance(value, list | tuple) else [value]
        if len(values) == count and all(
            isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < _MOST for one in values
        ):
            found[key] = value
    return found


def _short(value: float) -> str:
    """Returns the shortest text that reads as the same number: 0, 0.25, -10."""
    return repr(float(value)).removesuffix(".0")


FORMAT = Kitti()

"""COCO: one JSON file of images, annotations and categories beside the pictures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from edgekit import console, files
from edgekit.data.annotations import folders
from edgekit.data.annotations.base import ODD, AnnotationFormat, Annotations, ReadOptions, unsayable
from edgekit.data.annotations.coco_document import document
from edgekit.data.annotations.coco_files import NAME, Places, find
from edgekit.data.pictures import Box, Picture
from edgekit.errors import InputError, Problem, did_you_mean

_MOST_BYTES = 1 << 30
_SECTIONS = ("images", "annotations", "categories")
_SHOWN = 20  # classes in a message
_OF_IMAGE = frozenset({"file_name", "width", "height", "subject"})
_OF_BOX = frozenset(
    {"image_id", "category_id", "bbox", "area", "iscrowd", "difficult", "occlusion", "truncation"}
)


class Coco(AnnotationFormat):
    """`bbox` is [left, top, width, height] in pixels; what else a file says is kept by its own key."""

    title = "COCO"
    layout = (
        f"<folder>/{NAME} (or one other .json, there or in annotations/) and the pictures, e.g. in images/"
    )
    source = "https://cocodataset.org/#format-data"

    def read(self, source: Path, options: ReadOptions) -> Annotations:
        """Returns the pictures of the folder's JSON file in the order of `images`; see `AnnotationFormat`.

        Args:
            source: The folder, or the JSON file where a folder holds several.
            options: See `ReadOptions`.
        """
        path = find(Path(source), self.layout)
        tree = _load(path)
        found = Annotations(more={key: value for key, value in tree.items() if key not in _SECTIONS})
        while odd := unsayable(found.more):
            del found.more[odd]
            found.problems.append(Problem(f"{path}: {odd}", ODD))
        categories = _categories(path, tree["categories"], found, options)
        boxes = _by_image(path, tree["annotations"], found)
        places = Places(path, options.pictures)
        seen: set[Hashable] = set()
        for index, image in enumerate(console.track(tree["images"], f"{path.name}: pictures")):
            where = f"{path}: images[{index}]"
            if (head := _image(image, where, found, seen)) is None:
                continue
            key, picture = head
            mine = boxes.pop(key, [])
            picture_path = places.find(picture.name)
            if picture_path is None:
                found.problems.append(
                    Problem(
                        where,
                        f"the picture is missing: {picture.name}",
                        expected=f"beside {path}, or in images/",
                    )
                )
                continue
            if found.measure(picture_path, where, (picture.width, picture.height)) is None:
                continue
            read = _boxes(path, mine, picture, categories, found, options)
            found.add_picture(
                Picture(
                    picture.name,
                    picture.subject,
                    picture.width,
                    picture.height,
                    tuple(read),
                    picture_path,
                    more=picture.more,
                ),
                where,
                options,
            )
        found.problems += [
            Problem(f"{path}: annotations[{index}].image_id", "names no picture", found=repr(key)[:80])
            for key, left in boxes.items()
            if key not in seen
            for index, _ in left
        ]
        return found

    def write(
        self,
        pictures: Iterable[Picture],
        folder: Path,
        classes: Mapping[str, Mapping[str, Any]],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes `annotations.json` and `images/<name>`; see `AnnotationFormat`."""
        listed: dict[str, Picture] = {}
        for picture in pictures:
            name = folders.write_picture(picture, folder / "images", listed)
            listed[name] = picture
        try:
            text = json.dumps(document(listed.items(), classes, more), allow_nan=False)
        except (TypeError, ValueError) as error:
            raise InputError(
                where=str(folder / NAME), what=f"cannot be said in JSON: {error}"[:160]
            ) from error
        files.write_text(folder / NAME, text + "\n")


def _load(path: Path) -> dict[str, Any]:
    text = folders.read_text(path, _MOST_BYTES)
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(where=f"{path}:{error.lineno}", what=f"is no JSON: {error.msg}") from error
    except (RecursionError, ValueError) as error:
        raise InputError(where=str(path), what=f"is no JSON that can be read: {error}"[:160]) from error
    if not isinstance(tree, dict):
        raise InputError(where=str(path), what="is no COCO file", expected="an object")
    problems = [
        Problem(f"{path}: {key}", "is missing or no list", found=type(tree.get(key)).__name__)
        for key in _SECTIONS
        if not isinstance(tree.get(key), list)
    ]
    if problems:
        raise InputError(problems)
    return tree


def _categories(
    path: Path, listed: list[Any], found: Annotations, options: ReadOptions
) -> dict[Hashable, str]:
    """Returns the label of each category's id."""
    labels: dict[Hashable, str] = {}
    for index, item in enumerate(listed):
        where = f"{path}: categories[{index}]"
        name = item.get("name") if isinstance(item, dict) else None
        key = item.get("id") if isinstance(item, dict) else None
        if not (isinstance(name, str) and name and _is_id(key)):
            found.problems.append(Problem(where, "has no id or no name", found=repr(item)[:80]))
        elif key in labels:
            found.problems.append(Problem(where, f"repeats the id {key!r}", found=labels[key]))
        elif odd := unsayable(item):
            found.problems.append(Problem(f"{where}.{odd}", ODD))
        else:
            if name in found.labels:
                found.problems.append(Problem(where, f"repeats the name '{name}': both are one class"))
            labels[key] = name
            more = {key: value for key, value in item.items() if key != "name"}
            found.classes.setdefault(found.renamed(name, options), more)
    return labels


def _by_image(path: Path, listed: list[Any], found: Annotations) -> dict[Hashable, list[tuple[int, Any]]]:
    """Returns the annotations, each with its index, by the id of their image."""
    boxes: dict[Hashable, list[tuple[int, Any]]] = {}
    seen: set[Hashable] = set()
    for index, item in enumerate(listed):
        where = f"{path}: annotations[{index}]"
        if not isinstance(item, dict) or not _is_id(item.get("image_id")):
            found.problems.append(Problem(where, "has no image_id", found=repr(item)[:80]))
            continue
        if _is_id(item.get("id")):
            if item["id"] in seen:
                found.problems.append(Problem(f"{where}.id", "repeats another one's", found=repr(item["id"])))
                continue
            seen.add(item["id"])
        boxes.setdefault(item["image_id"], []).append((index, item))
    return boxes


def _image(
    image: Any, where: str, found: Annotations, seen: set[Hashable]
) -> tuple[Hashable, Picture] | None:
    """Returns an image's id and what is said of it."""
    if not isinstance(image, dict) or not _is_id(key := image.get("id")):
        found.problems.append(Problem(where, "has no id", found=repr(image)[:80]))
        return None
    if key in seen:
        found.problems.append(Problem(f"{where}.id", "repeats another one's", found=repr(key)))
        return None
    seen.add(key)
    name = folders.inside(image.get("file_name"))
    if name is None:
        fault = repr(image.get("file_name"))[:80]
        found.problems.append(Problem(f"{where}.file_name", "is no path below the folder", found=fault))
        return None
    width: Any = image.get("width")
    height: Any = image.get("height")
    if not (_is_count(width) and _is_count(height)):
        found.problems.append(
            Problem(where, "has no size", "whole numbers > 0", f"{width!r} x {height!r}"[:80])
        )
        return None
    subject = image.get("subject")
    text = subject if isinstance(subject, str) and subject else name.as_posix()
    more = {key: value for key, value in image.items() if key not in _OF_IMAGE}
    return key, Picture(name.as_posix(), text, width, height, more=more)


def _boxes(
    path: Path,
    listed: list[tuple[int, Any]],
    picture: Picture,
    categories: Mapping[Hashable, str],
    found: Annotations,
    options: ReadOptions,
) -> list[Box]:
    boxes: list[Box] = []
    for index, item in listed:
        where = f"{path}: annotations[{index}]"
        label = categories.get(item["category_id"]) if _is_id(item.get("category_id")) else None
        bbox = item.get("bbox")
        if label is None:
            known = did_you_mean("", map(str, islice(categories, _SHOWN)))
            text = repr(item.get("category_id"))[:80]
            found.problems.append(Problem(f"{where}.category_id", "names no class", found=text, hint=known))
        elif not (isinstance(bbox, list) and len(bbox) == 4 and all(map(_is_number, bbox))):
            found.problems.append(
                Problem(f"{where}.bbox", "is no box", "[left, top, width, height]", repr(bbox)[:80])
            )
        elif faults := [
            key for key, right in _RIGHT.items() if item.get(key) is not None and not right(item[key])
        ]:
            found.problems += [
                Problem(f"{where}.{key}", "is of the wrong kind", found=repr(item[key])[:80])
                for key in faults
            ]
        else:
            x, y, width, height = map(float, bbox)
            area = item.get("area")
            box = Box(
                x, y, width, height, label,
                occlusion=item.get("occlusion"),
                truncation=item.get("truncation"),
                difficult=bool(item.get("difficult")),
                iscrowd=bool(item.get("iscrowd")),
                area=None if area is None or area == width * height else float(area),
                more={key: value for key, value in item.items() if key not in _OF_BOX},
            )  # fmt: skip
            boxes += found.add_box(box, (picture.width, picture.height), f"{where}.bbox", options)
    return boxes


def _is_id(value: Any) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53
    return whole or isinstance(value, float)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 31


_RIGHT: dict[str, Callable[[Any], bool]] = {
    "area": lambda value: _is_number(value) and math.isfinite(value),
    "iscrowd": lambda value: value in (0, 1),
    "difficult": lambda value: value in (0, 1),
    "occlusion": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "truncation": lambda value: _is_number(value) and math.isfinite(value),
}

FORMAT = Coco()

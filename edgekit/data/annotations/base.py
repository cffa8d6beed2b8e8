"""The contract of a format of pictures with boxes: a folder in, pictures and every fault out; and back."""

from __future__ import annotations

import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from edgekit.data import pixels
from edgekit.data.pictures import Box, Picture
from edgekit.data.tiles import cut
from edgekit.errors import InputError, Problem, did_you_mean
from edgekit.registry import Registry

PLACES = 6
"""Formats whose numbers are not ours are read to a millionth of a pixel."""
ODD = "is no finite number, or no text in UTF-8"
_TOLERANCE = 10.0**-PLACES
_TURNED = "turn the pixels (mogrify -auto-orient) or drop Exif's tag (exiftool -Orientation=)"
_FAR = 1e9  # pixels; beyond it sums of coordinates lose the precision above


@dataclass(frozen=True)
class ReadOptions:
    """How a folder is read.

    Args:
        clip: A box that sticks out of its picture is cut at the border; False = left out, as a fault.
        subject: Regular expression; its first group in a picture's name is the subject. "" = what
            the format says, else the name itself.
        rename: New labels by old ones.
        pictures: Folder of the pictures, for COCO files that lie elsewhere; None = where the format has them.
    """

    clip: bool = False
    subject: str = ""
    rename: Mapping[str, str] = field(default_factory=dict)
    pictures: Path | None = None

    def __post_init__(self) -> None:
        try:
            groups = re.compile(self.subject).groups
        except re.error as error:
            raise InputError(where="subject", what=f"is no regular expression: {error}") from error
        if self.subject and not groups:
            raise InputError(
                where="subject", what="has no group", expected="e.g. ^(.*)_tile", found=self.subject
            )


@dataclass
class Annotations:
    """What a folder holds.

    Args:
        pictures: In a fixed order; names are unique.
        classes: What the format says of each class (COCO: `id`, `supercategory`, ...) by label, in its order.
        problems: Every picture and box that was left out for a fault, by file and line.
        more: What the format says of the whole (COCO: `info`, `licenses`, ...), as JSON values.
        labels: Names of all classes, as the files have them.
        told: Pictures whose name says their subject.
    """

    pictures: list[Picture] = field(default_factory=list)
    classes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    told: int = 0
    _names: dict[str, str] = field(default_factory=dict, repr=False)

    def renamed(self, label: str, options: ReadOptions) -> str:
        """Returns what a class of a file is called, and keeps in mind that there is one.

        Args:
            label: As the file has it.
            options: How labels are renamed.
        """
        self.labels.add(label)
        return options.rename.get(label, label)

    def unused(self, options: ReadOptions) -> list[Problem]:
        """Returns what `options` say of classes and names that do not occur: perhaps misspelt.

        Args:
            options: That the folder was read with.
        """
        problems = [
            Problem("rename", f"there is no class '{old}'", hint=did_you_mean(old, self.labels))
            for old in options.rename
            if old not in self.labels
        ]
        if options.subject and self.pictures and not self.told:
            problems.append(
                Problem("subject", "matches no picture's name", options.subject, self.pictures[0].name)
            )
        return problems

    def add_box(self, box: Box, size: tuple[int, int], where: str, options: ReadOptions) -> list[Box]:
        """Returns [box] as it is to be kept, or [] with its fault among the problems.

        Args:
            box: As the file has it.
            size: Width and height of its picture.
            where: File and line, or file and path within it.
            options: Whether boxes are clipped, and how labels are renamed.
        """
        label = self.renamed(box.label, options)
        found = f"x {box.x:g}, y {box.y:g}, width {box.width:g}, height {box.height:g}"
        numbers = (box.x, box.y, box.width, box.height)
        if not all(math.isfinite(number) and abs(number) < _FAR for number in numbers):
            return self._fault(where, "the box is not finite", found)
        if not label:
            return self._fault(where, "names no class", found)
        if box.width <= _TOLERANCE or box.height <= _TOLERANCE:
            return self._fault(where, "the box has no area", found, "width and height > 0")
        for name, low, high in (("area", 0.0, math.inf), ("truncation", 0.0, 1.0), ("occlusion", 0, 3)):
            value = getattr(box, name)
            if value is not None and not low <= value <= high:
                return self._fault(where, f"{name} is out of range", f"{value:g}", f"{low:g} to {high:g}")
        if odd := unsayable({"class": label, **box.more}):
            return self._fault(where, f"{odd} {ODD}", found)
        width, height = size
        right, bottom = box.x + box.width, box.y + box.height
        over = max(-box.x, -box.y, right - width, bottom - height)
        if over <= _TOLERANCE:
            self.classes.setdefault(label, {})
            return [replace(box, label=label)]
        if box.x >= width or box.y >= height or right <= 0 or bottom <= 0:
            return self._fault(
                where, "the box lies outside of its picture", found, f"within {width} x {height}"
            )
        if not options.clip:
            return self._fault(
                where,
                f"the box sticks out of its picture by {over:g} pixels",
                found,
                f"within {width} x {height}",
                "clip cuts such boxes at the border",
            )
        self.classes.setdefault(label, {})
        return [replace(cut(box, (0, 0, width, height)), label=label)]

    def _fault(self, where: str, what: str, found: str, expected: str = "", hint: str = "") -> list[Box]:
        self.problems.append(Problem(where, what, expected, found, hint))
        return []

    def add_picture(self, picture: Picture, where: str, options: ReadOptions) -> None:
        """Takes a picture in, unless another one has its name; its subject is set by `options`.

        Args:
            picture: As the file has it.
            where: File and line, or file and path within it.
            options: How subjects are told from names.
        """
        if odd := unsayable({"name": picture.name, "subject": picture.subject, **picture.more}):
            self.problems.append(Problem(where, f"{odd} {ODD}"))
            return
        if picture.name in self._names:
            self.problems.append(
                Problem(where, f"repeats the picture '{picture.name}'", found=self._names[picture.name])
            )
            return
        self._names[picture.name] = where
        if options.subject and (match := re.search(options.subject, picture.name)):
            picture = replace(picture, subject=match[1] or picture.name)
            self.told += 1
        self.pictures.append(picture)

    def measure(
        self, path: Path, where: str, stated: tuple[int, int] | None = None
    ) -> tuple[int, int] | None:
        """Returns a picture's size from its file; None with the fault among the problems.

        Args:
            path: File of the picture.
            where: Who names it, for messages.
            stated: Width and height that an annotation says; another size is a fault.
        """
        try:
            found, turned = pixels.size(path), pixels.orientation(path)
        except InputError as error:
            self.problems += [replace(one, where=f"{where}: {one.where}") for one in error.problems]
            return None
        if stated is not None and found != stated:
            self.problems.append(
                Problem(
                    f"{where}: {path}",
                    "the picture has another size than its annotation says",
                    f"{stated[0]} x {stated[1]}",
                    f"{found[0]} x {found[1]}",
                    _TURNED if turned != 1 else "",
                )
            )
            return None
        # Of a quarter turn, two sides that differ say which way the annotation looks at the picture.
        if turned != 1 and not (stated and turned > 4 and found[0] != found[1]):
            what = "Exif turns the picture, and nothing says which way its boxes lie"
            self.problems.append(
                Problem(f"{where}: {path}", what, found=f"orientation {turned}", hint=_TURNED)
            )
            return None
        return found


class AnnotationFormat(ABC):
    """A format; its module defines one instance named FORMAT."""

    title: ClassVar[str]
    layout: ClassVar[str]
    """What a folder holds, for messages."""
    source: ClassVar[str]
    """Where the format is described."""

    @abstractmethod
    def read(self, source: Path, options: ReadOptions) -> Annotations:
        """Returns what a folder holds; pixels are read later.

        Args:
            source: A folder in this format, or the file that the format names.
            options: What to do with boxes that stick out, labels and subjects.

        Raises:
            InputError: It is not there, or is as a whole not in this format.
            EnvironmentFailed: A package that reads it is not installed.
        """

    def write(
        self,
        pictures: Iterable[Picture],
        folder: Path,
        classes: Mapping[str, Mapping[str, Any]],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes pictures into a folder, which is created; each is read when its turn comes.

        Args:
            pictures: Names are unique.
            folder: Where to.
            classes: What `Annotations.classes` says; labels that it does not hold come after it.
            more: What `Annotations.more` says.

        Raises:
            InputError: The format cannot be written, or cannot hold a picture or label.
            EnvironmentFailed: The disk refused.
        """
        raise InputError(where=self.title, what="is read, not written", hint="write coco, kitti or tfrecord")

    def lost(self, picture: Picture) -> Iterator[str]:
        """Yields what `write` cannot say of a picture and its boxes, by key, once for each of them.

        Args:
            picture: As it is to be written.
        """
        yield from ()


def unsayable(values: Mapping[str, Any]) -> str:
    """Returns the first key whose value JSON in UTF-8 cannot hold, NaN for one; "" where there is none."""
    for key, value in values.items():
        try:
            json.dumps({key: value}, allow_nan=False, ensure_ascii=False).encode()
        except (TypeError, ValueError, RecursionError):
            return key
    return ""


def number(value: float) -> str:
    """Returns a number as short as it can be to a millionth: 3, 0.5, 12.345678."""
    return f"{round(value, PLACES) + 0.0:.{PLACES}f}".rstrip("0").rstrip(".")


def rounded(value: float) -> float:
    """Returns a number to a millionth; NaN and infinities stay."""
    return round(value, PLACES) + 0.0 if math.isfinite(value) else value


REGISTRY: Registry[AnnotationFormat] = Registry(
    kind="data.annotations",
    attribute="FORMAT",
    type=AnnotationFormat,  # type: ignore[type-abstract]
    framework=frozenset({"base", "coco_document", "coco_files", "folders", "tfrecord_example"}),
)
"""The formats, one file each."""

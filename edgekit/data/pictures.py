"""Pictures with boxes, and the contract of a data set of them; the sibling of records of a signal."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.data import base, pixels
from edgekit.data.base import DataSource, Opts, no_wanted_label
from edgekit.data.split import assign, labels_by_subject, thinned
from edgekit.errors import InputError, Problem

DONT_CARE = "DontCare"
"""KITTI's class of regions in which objects were not annotated."""


@dataclass(frozen=True, slots=True)
class Box:
    """One object in a picture.

    Args:
        x, y: Left and upper edge in pixels; (0, 0) is the upper left corner of the picture's first pixel.
        width, height: In pixels, > 0.
        label: Name of its class.
        occlusion: 0 = fully visible, 1 = partly, 2 = largely hidden, 3 = unknown (KITTI); None = not said.
        truncation: Share of the object that lies outside of the picture, 0 to 1; None = not said.
        difficult: The annotator found it hard to tell (Pascal VOC).
        iscrowd: A group of objects as one region (COCO).
        area: Of the object's mask, in square pixels (COCO); None = of the box.
        more: What a format says beyond this, by its own key (`segmentation`, `keypoints`, `alpha`,
            `rotation_y`, ...), as JSON values.
    """

    x: float
    y: float
    width: float
    height: float
    label: str
    occlusion: int | None = None
    truncation: float | None = None
    difficult: bool = False
    iscrowd: bool = False
    area: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ignored(self) -> bool:
        """Whether it counts neither as an object to find nor as background."""
        return self.difficult or self.iscrowd or self.label == DONT_CARE


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture and the objects in it; its pixels are read when `read` is called.

    Args:
        name: Unique within the data set: a relative path with slashes.
        subject: Scene or photograph that it is of; splits never separate the pictures of one subject.
        width, height: In pixels.
        boxes: Its objects; none is an answer too.
        path: File that holds it; None where `array` does.
        array: uint8 [height, width, 3 or 1]; None where `path` does.
        span: Offset and length in bytes where `path` holds several pictures.
        window: Left, top, width and height of the part of the file that it is; None = all of it.
        more: What a format says of the picture beyond this, by its own key, as JSON values.
    """

    name: str
    subject: str
    width: int
    height: int
    boxes: tuple[Box, ...] = ()
    path: Path | None = None
    array: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)
    span: pixels.Span | None = None
    window: tuple[int, int, int, int] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def read(self, mode: pixels.Mode = "rgb") -> NDArray[np.uint8]:
        """Returns the pixels.

        Args:
            mode: Colours, or luma.

        Returns:
            uint8 [height, width, 3], or [height, width, 1] for grey; not to be written to.

        Raises:
            InputError: The file is missing, no picture, damaged, too large or of another size.
        """
        found = self._whole(mode)
        if self.window is not None:
            left, top, width, height = self.window
            found = found[top : top + height, left : left + width]
        if found.shape[:2] != (self.height, self.width):
            raise InputError(
                where=self.name,
                what="has another size than its annotation says",
                expected=f"{self.width} x {self.height}",
                found=f"{found.shape[1]} x {found.shape[0]}",
            )
        return found

    def _whole(self, mode: pixels.Mode) -> NDArray[np.uint8]:
        if self.array is not None:
            return _as_mode(self.array, mode)
        if self.path is None:
            raise InputError(where=self.name, what="has no pixels")
        if self.window is None:
            return pixels.read(self.path, mode, self.span)
        changed = self.path.stat().st_mtime_ns if self.path.is_file() else 0
        return pixels.read_again(self.path, mode, self.span, changed)


class PictureDataset(DataSource[Opts]):
    """A source of pictures with options of type Opts; its module defines one instance named DATASET."""

    @abstractmethod
    def pictures(
        self,
        options: Opts,
        root: Path | None,
        classes: Sequence[str],
        skipped: list[Problem],
    ) -> Iterator[Picture]:
        """Yields the pictures in a fixed order, with those of their boxes whose label is one of `classes`.

        A picture without a wanted box is yielded too, as background. Boxes that are `ignored` may be
        of any label.

        Args:
            options: An instance of this data set's `Options`.
            root: Folder that holds the data; None where none is needed.
            classes: Labels that are wanted; empty = all.
            skipped: Every picture and box that is left out for a fault is appended here by file and
                line; sound boxes of other labels are counted in one entry.

        Raises:
            InputError: `root` is missing or does not have the expected layout.
            EnvironmentFailed: A package that reads the files is not installed.
        """


def dataset(key: str) -> PictureDataset[Any]:
    """Returns the data set of pictures named `key`.

    Raises:
        InputError: There is none, or it is a data set of signals.
    """
    found = base.REGISTRY.get(key)
    if not isinstance(found, PictureDataset):
        raise InputError(where=key, what="is a data set of signals", expected="one of pictures with boxes")
    return found


def keep(
    pictures: Iterable[Picture], classes: Collection[str], where: str, skipped: list[Problem]
) -> Iterator[Picture]:
    """Yields the pictures with boxes of the wanted labels; the others are counted in one entry of `skipped`.

    Args:
        pictures: Any.
        classes: Labels that are wanted; empty = all.
        where: The data set or its folder, for that entry.
        skipped: Gets the entry.
    """
    others: Counter[str] = Counter()
    for picture in pictures:
        if not classes:
            yield picture
            continue
        kept = tuple(box for box in picture.boxes if box.label in classes or box.ignored)
        others.update(box.label for box in picture.boxes if not (box.label in classes or box.ignored))
        yield replace(picture, boxes=kept)
    skipped.extend(no_wanted_label(where, others, "box(es)"))


def split_pictures(
    pictures: Sequence[Picture], shares: Mapping[str, float], seed: int = 0
) -> dict[str, list[Picture]]:
    """Returns the pictures of each split; those of one subject are never separated.

    Subjects are stratified by their most frequent class; those without objects are a stratum too.

    Args:
        pictures: Any; each split keeps their order.
        shares: Positive share of the subjects by split.
        seed: Another seed gives another split.

    Raises:
        InputError: A share is not positive, or there are fewer subjects than splits.
    """
    objects = ((one.subject, [box.label for box in one.boxes if not box.ignored]) for one in pictures)
    where = split_subjects(objects, shares, seed)
    return {name: [one for one in pictures if where[one.subject] == name] for name in shares}


def split_subjects(
    objects: Iterable[tuple[str, Sequence[str]]],
    shares: Mapping[str, float],
    seed: int = 0,
    share: float = 1.0,
) -> dict[str, str]:
    """Returns the split of each subject; see `split_pictures`.

    Args:
        objects: Of each picture its subject and the labels of its objects.
        shares, seed: As there.
        share: Of the training and validation subjects; the rest are in no split.

    Raises:
        InputError: A share is not positive, or there are fewer subjects than splits.
    """
    subjects = labels_by_subject((subject, label) for subject, labels in objects for label in labels or [""])
    if len(subjects) < len(shares):
        raise InputError(
            where="splits",
            what="there are fewer subjects than splits",
            expected=f"at least {len(shares)} scenes or photographs",
            found=str(len(subjects)),
            hint="more photographs, or a `subject` that tells scenes apart",
        )
    return thinned(assign(subjects, shares, seed), subjects, share, seed)


def _as_mode(array: NDArray[np.uint8], mode: pixels.Mode) -> NDArray[np.uint8]:
    if mode == "rgb":
        return np.repeat(array, 3, axis=2) if array.shape[2] == 1 else array
    if array.shape[2] == 1:
        return array
    luma = array.astype(np.uint32) @ np.array([19595, 38470, 7471], np.uint32)  # as Pillow's "L"
    return ((luma + 0x8000) >> 16).astype(np.uint8)[:, :, np.newaxis]

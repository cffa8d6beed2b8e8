"""Cuts large pictures into tiles, and boxes at their borders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from edgekit.data.pictures import Box, Picture


def tiles(picture: Picture, size: int, overlap: int = 0, min_visible: float = 0.25) -> Iterator[Picture]:
    """Yields the tiles of a picture, row by row; all are of its subject.

    Tiles lie `size - overlap` apart; the last of a row or column is moved back so that it ends where
    the picture ends. A picture that is narrower or lower than a tile gives tiles of its own extent.

    Args:
        picture: One that is no tile itself.
        size: Width and height of a tile in pixels, > 0.
        overlap: Of neighbouring tiles in pixels, 0 to size - 1.
        min_visible: A box of which a smaller share lies within the tile is left there as `difficult`,
            so that it counts neither as an object nor as background.
    """
    stem, dot, suffix = picture.name.rpartition(".")
    for top in _starts(picture.height, size, overlap):
        for left in _starts(picture.width, size, overlap):
            width, height = min(size, picture.width), min(size, picture.height)
            window = (left, top, width, height)
            boxes = (cut(box, window) for box in picture.boxes if overlaps(box, window))
            yield replace(
                picture,
                name=f"{stem}_{left}_{top}{dot}{suffix}" if stem else f"{picture.name}_{left}_{top}",
                width=width,
                height=height,
                boxes=tuple(
                    replace(box, difficult=box.difficult or 1 - (box.truncation or 0.0) < min_visible)
                    for box in boxes
                ),
                window=window,
                more={key: value for key, value in picture.more.items() if key != "id"},
            )


def overlaps(box: Box, window: tuple[float, float, float, float]) -> bool:
    """Returns whether a box and a window (left, top, width, height) share more than an edge."""
    left, top, width, height = window
    return (
        box.x < left + width
        and left < box.x + box.width
        and box.y < top + height
        and top < box.y + box.height
    )


def _starts(length: int, size: int, overlap: int) -> list[int]:
    last = max(0, length - size)
    return sorted({*range(0, last, size - overlap), last})


def cut(box: Box, window: tuple[float, float, float, float]) -> Box:
    """Returns the part of a box within a window, in the window's coordinates.

    Its `truncation` is the share of the object that is now outside; `area` shrinks as the box does;
    masks, keypoints and ids, which are of the whole object, are left out.

    Args:
        box: Overlaps the window.
        window: Left, top, width and height in the box's coordinates.
    """
    left, top, width, height = window
    x, y = max(box.x, left), max(box.y, top)
    right, bottom = min(box.x + box.width, left + width), min(box.y + box.height, top + height)
    share = (right - x) * (bottom - y) / (box.width * box.height)
    if share >= 1 - 1e-12:
        moved = box.more if (left, top) == (0, 0) else without_shape(box.more)
        return replace(box, x=box.x - left, y=box.y - top, more=moved)
    return replace(
        box,
        x=x - left,
        y=y - top,
        width=right - x,
        height=bottom - y,
        truncation=1 - share * (1 - (box.truncation or 0.0)),
        area=None if box.area is None else box.area * share,
        more=without_shape(box.more),
    )


def without_shape(more: Mapping[str, Any]) -> dict[str, Any]:
    """Returns `more` of a box without what is said in coordinates of the whole picture."""
    return {
        key: value
        for key, value in more.items()
        if key not in ("id", "segmentation", "keypoints", "num_keypoints")
    }

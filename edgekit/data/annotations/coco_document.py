"""The tree of COCO's JSON file, from pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from edgekit.data.pictures import Box, Picture


def document(
    pictures: Iterable[tuple[str, Picture]],
    classes: Mapping[str, Mapping[str, Any]] | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Returns what COCO's JSON file holds; nothing of the pictures' files is touched.

    Ids that came with the pictures, boxes and classes are kept where they are all there and unique.

    Args:
        pictures: (path as `file_name` is to say it, picture).
        classes: What is said of each class by label, in their order; others follow.
        more: What is said of the whole: `info`, `licenses`, ...
    """
    listed = [(name, picture) for name, picture in pictures]
    labels = dict(classes or {})
    for _, picture in listed:
        for box in picture.boxes:
            labels.setdefault(box.label, {})
    numbers = dict(zip(labels, _ids([more.get("id") for more in labels.values()]), strict=True))
    images = _ids([picture.more.get("id") for _, picture in listed])
    owners = [
        (image, box) for image, (_, picture) in zip(images, listed, strict=True) for box in picture.boxes
    ]
    return {
        **(more or {}),
        "images": [
            {
                **picture.more,
                "id": image,
                "file_name": name,
                "width": picture.width,
                "height": picture.height,
                **({"subject": picture.subject} if picture.subject != name else {}),
            }
            for image, (name, picture) in zip(images, listed, strict=True)
        ],
        "annotations": [
            {**box.more, "id": own, "image_id": image, "category_id": numbers[box.label], **_fields(box)}
            for own, (image, box) in zip(_ids([box.more.get("id") for _, box in owners]), owners, strict=True)
        ],
        "categories": [{**more, "id": numbers[label], "name": label} for label, more in labels.items()],
    }


def _fields(box: Box) -> dict[str, Any]:
    said = {"occlusion": box.occlusion, "truncation": box.truncation, "difficult": box.difficult or None}
    return {
        "bbox": [box.x, box.y, box.width, box.height],
        "area": box.width * box.height if box.area is None else box.area,
        "iscrowd": int(box.iscrowd),
        **{key: value for key, value in said.items() if value is not None},
    }


def _ids(kept: list[Any]) -> list[Any]:
    whole = all(isinstance(one, int | str) and not isinstance(one, bool) for one in kept)
    return kept if whole and len(set(kept)) == len(kept) else list(range(1, len(kept) + 1))

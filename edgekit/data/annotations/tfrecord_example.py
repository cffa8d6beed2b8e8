"""A picture as a `tf.train.Example` with the keys of the TensorFlow Object Detection API."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from typing import Any

from edgekit.data import pixels
from edgekit.data.base import need_package
from edgekit.data.pictures import Picture

BOX = "image/object/bbox/"
_SHAPE = (b"\x89PNG", b"\xff\xd8\xff")


def tensorflow() -> Any:
    """Returns the package; EnvironmentFailed where it is not installed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it greets on stderr
    return need_package("tensorflow")


def encode(picture: Picture, labels: dict[str, int]) -> bytes:
    """Returns a picture and its boxes as a serialised example.

    Args:
        picture: Its pixels are read; PNG and JPEG files are taken as they are.
        labels: Number of each class, from 1; new ones are added.

    Raises:
        InputError: The picture cannot be read.
    """
    tf = tensorflow()

    def of_bytes(*values: bytes | str) -> Any:
        data = [value.encode() if isinstance(value, str) else value for value in values]
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=data))

    def of_ints(values: Iterable[int]) -> Any:
        return tf.train.Feature(int64_list=tf.train.Int64List(value=list(values)))

    def of_floats(values: Iterable[float]) -> Any:
        return tf.train.Feature(float_list=tf.train.FloatList(value=list(values)))

    encoded = _encoded(picture)
    boxes, width, height = picture.boxes, picture.width, picture.height
    for box in boxes:
        labels.setdefault(box.label, len(labels) + 1)
    feature = {
        "image/filename": of_bytes(picture.name),
        "image/source_id": of_bytes(picture.name),
        "image/subject": of_bytes(picture.subject),
        "image/width": of_ints([width]),
        "image/height": of_ints([height]),
        "image/format": of_bytes("png" if encoded.startswith(_SHAPE[0]) else "jpeg"),
        "image/key/sha256": of_bytes(hashlib.sha256(encoded).hexdigest()),
        "image/encoded": of_bytes(encoded),
        f"{BOX}xmin": of_floats(box.x / width for box in boxes),
        f"{BOX}xmax": of_floats((box.x + box.width) / width for box in boxes),
        f"{BOX}ymin": of_floats(box.y / height for box in boxes),
        f"{BOX}ymax": of_floats((box.y + box.height) / height for box in boxes),
        "image/object/class/text": of_bytes(*(box.label for box in boxes)),
        "image/object/class/label": of_ints(labels[box.label] for box in boxes),
        "image/object/difficult": of_ints(int(box.difficult) for box in boxes),
        "image/object/is_crowd": of_ints(int(box.iscrowd) for box in boxes),
        "image/object/occluded": of_ints(-1 if box.occlusion is None else box.occlusion for box in boxes),
        "image/object/truncated": of_ints(int((box.truncation or 0) > 0) for box in boxes),
        "image/object/truncation": of_floats(
            -1.0 if box.truncation is None else box.truncation for box in boxes
        ),
        "image/object/area": of_floats(
            box.width * box.height if box.area is None else box.area for box in boxes
        ),
    }
    data: bytes = tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()
    return data


def _encoded(picture: Picture) -> bytes:
    """Returns a picture's file where it is PNG or JPEG, else its pixels as PNG."""
    if picture.path is not None and picture.array is None and picture.window is None:
        pixels.size(picture.path, picture.span)  # bounds before it is read
        with picture.path.open("rb") as file:
            offset, length = picture.span or (0, picture.path.stat().st_size)
            file.seek(offset)
            data = file.read(length)
        if data.startswith(_SHAPE):
            return data
    return pixels.encode(picture.read(), picture.name)

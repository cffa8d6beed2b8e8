"""TFRecord files of tf.train.Example with the keys of the TensorFlow Object Detection API."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from edgekit import console, files
from edgekit.data import pixels
from edgekit.data.annotations import folders
from edgekit.data.annotations.base import AnnotationFormat, Annotations, ReadOptions, rounded
from edgekit.data.base import need_package
from edgekit.data.pictures import Box, Picture
from edgekit.errors import InputError, Problem

LABEL_MAP = "label_map.pbtxt"
_PER_FILE = 1000
_HEAD, _TAIL = 12, 4  # bytes of a record around its data: length and checksums
_ROUNDING = 1e-6  # of the picture's size: edges are float32
_BOX = "image/object/bbox/"
_SHAPE = (b"\x89PNG", b"\xff\xd8\xff")


class TfRecord(AnnotationFormat):
    """Edges are float32 shares of the picture's size, so that boxes come back to about 1e-7 of it."""

    title = "TFRecord"
    layout = f"<folder>/*.tfrecord (or *.tfrecord-00000-of-00004), and {LABEL_MAP} where labels are numbers"
    source = "https://www.tensorflow.org/tutorials/load_data/tfrecord"

    def read(self, source: Path, options: ReadOptions) -> Annotations:
        """Returns the pictures in the order of files and records; checksums are verified.

        Args:
            source: The folder, or one file.
            options: See `ReadOptions`.
        """
        _tensorflow()
        paths = _files(Path(source), self.layout)
        numbers = _read_map((source if source.is_dir() else source.parent) / LABEL_MAP)
        found = Annotations()
        for name in numbers.values():
            found.classes.setdefault(options.rename.get(name, name), {})
        for path in paths:
            for index, (offset, data) in enumerate(console.track(_records(path), path.name)):
                _Record(path, index, offset, data).add_to(found, numbers, options)
        return found

    def write(
        self,
        pictures: Iterable[Picture],
        folder: Path,
        classes: Mapping[str, Mapping[str, Any]],
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes `pictures-00000.tfrecord`, ... of 1000 pictures each, and `label_map.pbtxt`.

        PNG and JPEG files are taken as they are; other pictures become PNG. Masks, keypoints and
        what else a format says (`more`) have no place here.
        """
        tf = _tensorflow()

        labels = {label: number for number, label in enumerate(classes, 1)}
        rest = iter(pictures)
        shard = 0
        folder.mkdir(parents=True, exist_ok=True)
        while part := list(islice(rest, _PER_FILE)):
            path = folder / f"pictures-{shard:05d}.tfrecord"
            with files.replacing(path) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
                for picture in part:
                    writer.write(_example(picture, labels))
            shard += 1
        items = [
            f"item {{\n  id: {number}\n  name: '{_quoted(label)}'\n}}\n" for label, number in labels.items()
        ]
        files.write_text(folder / LABEL_MAP, "".join(items))

    def lost(self, picture: Picture) -> Iterator[str]:
        """Yields all keys of `more` but ids; see `AnnotationFormat.lost`."""
        for more in (picture.more, *(box.more for box in picture.boxes)):
            yield from more.keys() - {"id"}


def _tensorflow() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # it greets on stderr
    return need_package("tensorflow")


def _example(picture: Picture, labels: dict[str, int]) -> bytes:
    tf = _tensorflow()

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
        f"{_BOX}xmin": of_floats(box.x / width for box in boxes),
        f"{_BOX}xmax": of_floats((box.x + box.width) / width for box in boxes),
        f"{_BOX}ymin": of_floats(box.y / height for box in boxes),
        f"{_BOX}ymax": of_floats((box.y + box.height) / height for box in boxes),
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


def _files(source: Path, layout: str) -> list[Path]:
    if source.is_file():
        return [source]
    found = sorted(path for path in source.glob("*") if re.search(r"\.tf_?records?\b", path.name))
    if not found:
        what = "holds no TFRecord file" if source.is_dir() else "no such file or folder"
        raise InputError(where=str(source), what=what, expected=layout)
    return found


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yields where a record's data begin in the file, and the data."""
    tf = _tensorflow()
    offset = 0
    count = 0
    try:
        for record in tf.data.TFRecordDataset(str(path)):
            data: bytes = record.numpy()
            yield offset + _HEAD, data
            offset += _HEAD + len(data) + _TAIL
            count += 1
    except tf.errors.OpError as error:
        raise InputError(
            where=f"{path}: record {count}",
            what="is damaged, or this is no TFRecord file",
            found=str(error).splitlines()[0][:120],
        ) from error


def _quoted(label: str) -> str:
    return label.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


def _read_map(path: Path) -> dict[int, str]:
    """Returns the classes by number from a label map; {} where there is none."""
    if not path.is_file():
        return {}
    names = {}
    for item in re.findall(r"item\s*\{(.*?)\n?\s*\}\s*(?=item|$)", folders.read_text(path), re.DOTALL):
        number = re.search(r"\bid\s*:\s*(\d+)", item)
        name = re.search(r"\bname\s*:\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")", item)
        if not (number and name):
            raise InputError(where=str(path), what="has an item without id or name", found=item.strip()[:80])
        text = name[1] if name[1] is not None else name[2]
        names[int(number[1])] = re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), text)
    return names


@dataclass(frozen=True)
class _Record:
    """One record of a file: its number, where its data begin, and the data."""

    path: Path
    index: int
    offset: int
    data: bytes

    @property
    def where(self) -> str:
        return f"{self.path}: record {self.index}"

    def add_to(self, found: Annotations, numbers: Mapping[int, str], options: ReadOptions) -> None:
        from google.protobuf.message import DecodeError

        try:
            example = _tensorflow().train.Example.FromString(self.data)
        except DecodeError:
            found.problems.append(Problem(self.where, "is no tf.train.Example"))
            return
        feature = {key: _values(value) for key, value in example.features.feature.items()}
        encoded = next(iter(feature.get("image/encoded", [])), b"")
        name = folders.inside(_text(next(iter(feature.get("image/filename", [])), b"")))
        if not isinstance(encoded, bytes) or not encoded or name is None:
            found.problems.append(Problem(self.where, "lacks image/encoded or a plain image/filename"))
            return
        span = (self.offset + self.data.find(encoded), len(encoded))
        try:
            size = pixels.size(self.path, span)
        except InputError as error:
            found.problems += [
                Problem(f"{self.where}: {name}", one.what, found=one.found) for one in error.problems
            ]
            return
        boxes = self._boxes(feature, size, numbers, found, options)
        subject = _text(next(iter(feature.get("image/subject", [])), b"")) or name.as_posix()
        picture = Picture(name.as_posix(), subject, *size, tuple(boxes), self.path, span=span)
        found.add_picture(picture, self.where, options)

    def _boxes(
        self,
        feature: Mapping[str, list[Any]],
        size: tuple[int, int],
        numbers: Mapping[int, str],
        found: Annotations,
        options: ReadOptions,
    ) -> list[Box]:
        edges = [feature.get(_BOX + side, []) for side in ("xmin", "ymin", "xmax", "ymax")]
        count = len(edges[0])
        labels = [_text(text) for text in feature.get("image/object/class/text", [])] or [
            numbers.get(number, "") if isinstance(number, int) else ""
            for number in feature.get("image/object/class/label", [])
        ]
        columns = [*edges, labels]
        if {len(column) for column in columns} != {count} or any(
            not isinstance(edge, float) for column in edges for edge in column
        ):
            lengths = ", ".join(str(len(column)) for column in columns)
            found.problems.append(Problem(self.where, "its boxes differ in number or kind", found=lengths))
            return []
        more = {
            name: feature.get(f"image/object/{name}", [])
            for name in ("difficult", "is_crowd", "occluded", "truncation", "area")
        }
        boxes: list[Box] = []
        for index, (xmin, ymin, xmax, ymax, label) in enumerate(zip(*columns, strict=True)):
            where = f"{self.where}: box {index}"
            if not label:
                found.problems.append(
                    Problem(where, "names no class", expected=f"a name, or an id of {LABEL_MAP}")
                )
                continue
            said = {name: values[index] for name, values in more.items() if index < len(values)}
            left, right = _pixels(xmin, size[0]), _pixels(xmax, size[0])
            top, bottom = _pixels(ymin, size[1]), _pixels(ymax, size[1])
            width, height = rounded(right - left), rounded(bottom - top)
            area = said.get("area")
            same = area is None or abs(area - width * height) <= 1e-4 * abs(width * height)
            box = Box(
                left,
                top,
                width,
                height,
                label,
                occlusion=None if said.get("occluded", -1) == -1 else said["occluded"],
                truncation=None if said.get("truncation", -1.0) == -1.0 else said["truncation"],
                difficult=bool(said.get("difficult")),
                iscrowd=bool(said.get("is_crowd")),
                area=None if same else area,
            )
            boxes += found.add_box(box, size, where, options)
        return boxes


def _pixels(share: float, length: int) -> float:
    """Returns an edge in pixels; what float32 put outside is put inside."""
    if -_ROUNDING <= share < 0 or 1 < share <= 1 + _ROUNDING:
        share = round(share)
    return rounded(share * length)


def _values(feature: Any) -> list[Any]:
    kind = feature.WhichOneof("kind")
    return list(getattr(feature, kind).value) if kind else []


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


FORMAT = TfRecord()

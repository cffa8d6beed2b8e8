"""TFRecord files of tf.train.Example with the keys of the TensorFlow Object Detection API."""

from __future__ import annotations

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
from edgekit.data.annotations.tfrecord_example import BOX, encode, tensorflow
from edgekit.data.pictures import Box, Picture
from edgekit.errors import EnvironmentFailed, InputError, Problem

LABEL_MAP = "label_map.pbtxt"
_PER_FILE = 1000
_HEAD, _TAIL = 12, 4  # bytes of a record around its data: length and checksums
_ROUNDING = 1e-6  # of the picture's size: edges are float32
_TOKEN = re.compile(r"#[^\n]*|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[A-Za-z_]\w*|\d{1,18}|\S", re.DOTALL)
_KINDS = {"difficult": int, "is_crowd": int, "occluded": int, "truncation": float, "area": float}


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
        tensorflow()
        paths = _files(Path(source), self.layout)
        numbers = _read_map((source if source.is_dir() else source.parent) / LABEL_MAP)
        found = Annotations()
        for name in numbers.values():
            found.classes.setdefault(found.renamed(name, options), {})
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
        tf = tensorflow()

        labels = {label: number for number, label in enumerate(classes, 1)}
        rest = iter(pictures)
        shard = 0
        folder.mkdir(parents=True, exist_ok=True)
        while part := list(islice(rest, _PER_FILE)):
            path = folder / f"pictures-{shard:05d}.tfrecord"
            try:
                with files.replacing(path) as temporary, tf.io.TFRecordWriter(str(temporary)) as writer:
                    for picture in part:
                        writer.write(encode(picture, labels))
            except tf.errors.OpError as error:
                raise EnvironmentFailed(
                    where=str(path),
                    what="cannot be written",
                    found=error.message.rpartition("; ")[2],
                    hint="free disk space or choose another folder",
                ) from error
            shard += 1
        items = [
            f"item {{\n  id: {number}\n  name: '{_quoted(label)}'\n}}\n" for label, number in labels.items()
        ]
        files.write_text(folder / LABEL_MAP, "".join(items))

    def lost(self, picture: Picture) -> Iterator[str]:
        """Yields all keys of `more` but ids; see `AnnotationFormat.lost`."""
        for more in (picture.more, *(box.more for box in picture.boxes)):
            yield from more.keys() - {"id"}


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
    tf = tensorflow()
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
            found=str(error).splitlines()[0].rpartition("}} ")[2][:120],
        ) from error


def _quoted(label: str) -> str:
    return label.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


def _read_map(path: Path) -> dict[int, str]:
    """Returns the classes by number from a label map; {} where there is none."""
    if not path.is_file():
        return {}
    names: dict[int, str] = {}
    item: dict[str, str] = {}
    depth, key = 0, ""
    for token in _TOKEN.findall(folders.read_text(path)):
        depth += (token == "{") - (token == "}")
        if token == "}" and depth == 0:
            if item.keys() != {"id", "name"}:
                raise InputError(where=str(path), what="has an item without id or name", found=str(item)[:80])
            names[int(item["id"])] = re.sub(
                r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), item["name"][1:-1]
            )
            item = {}
        elif depth == 1 and token in ("id", "name"):
            key = token
        elif key and (token.isdecimal() if key == "id" else token[0] in "'\"" and len(token) > 1):
            item[key], key = token, ""
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
            example = tensorflow().train.Example.FromString(self.data)
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
        edges = [feature.get(BOX + side, []) for side in ("xmin", "ymin", "xmax", "ymax")]
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
        more = {name: feature.get(f"image/object/{name}", []) for name in _KINDS}
        boxes: list[Box] = []
        for index, (xmin, ymin, xmax, ymax, label) in enumerate(zip(*columns, strict=True)):
            where = f"{self.where}: box {index}"
            if not label:
                found.problems.append(
                    Problem(where, "names no class", expected=f"a name, or an id of {LABEL_MAP}")
                )
                continue
            said = {name: values[index] for name, values in more.items() if index < len(values)}
            if odd := [name for name, value in said.items() if not isinstance(value, _KINDS[name])]:
                found.problems.append(
                    Problem(where, f"{odd[0]} is of the wrong kind", found=repr(said[odd[0]])[:80])
                )
                continue
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
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else ""


FORMAT = TfRecord()

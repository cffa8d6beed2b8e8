"""What the formats share: text of bounded length, names that stay within a folder, pictures, subjects."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Container, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from edgekit import files
from edgekit.data import pixels
from edgekit.data.pictures import Picture
from edgekit.errors import InputError

TEXT_BYTES = 4 << 20
"""The most that one label file of a picture may hold."""
SUBJECTS = "subjects.csv"
"""Beside formats that have no place for a subject: rows of a picture's name and its subject."""
_SUBJECTS_BYTES = 256 << 20
_NAME_BYTES = 255  # of a file or folder, in all file systems of today


def inside(name: Any) -> PurePosixPath | None:
    """Returns a path that a file names, if it is relative and stays within its folder."""
    if not isinstance(name, str) or not 0 < len(name) < 1024 or "\0" in name:
        return None
    path = PurePosixPath(name.replace("\\", "/"))
    whole = path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0])
    long = any(len(part.encode("utf-8", "replace")) > _NAME_BYTES for part in path.parts)
    return None if whole or long or not path.parts else path


def read_text(path: Path, most: int = TEXT_BYTES) -> str:
    """Returns the text of a file.

    Raises:
        InputError: It is missing, longer than `most` bytes or no UTF-8.
    """
    try:
        if path.stat().st_size > most:
            raise InputError(where=str(path), what="is too long", expected=f"at most {most} bytes")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(where=str(path), what="cannot be read", found=str(error)[:160]) from error


def picture_files(folder: Path) -> dict[str, Path]:
    """Returns the picture files under a folder by their relative path with slashes, sorted."""
    found = (path for path in folder.rglob("*") if path.suffix.lower() in pixels.SUFFIXES and path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in sorted(found)}


def write_picture(picture: Picture, folder: Path, taken: Container[str] = ()) -> str:
    """Puts a picture's file under a folder, as it is where it has a file of its own, else as PNG.

    Args:
        picture: Its `name` is the path; a name without a picture's suffix gets ".png".
        folder: Where to; a file that is there already is the picture's own, and stays.
        taken: Paths of other pictures.

    Returns:
        The path below `folder`, with slashes.

    Raises:
        InputError: The name leads out of the folder, or the path is taken.
    """
    name = inside(picture.name)
    if name is None:
        raise InputError(where=picture.name, what="is no name of a picture", expected="a relative path")
    whole = picture.path is not None and picture.window is None and picture.array is None
    kept = name.suffix.lower() in pixels.SUFFIXES and whole and picture.span is None
    if not kept and name.suffix.lower() != ".png":
        name = name.with_name(
            f"{name.name}.png" if name.suffix.lower() not in pixels.SUFFIXES else f"{name.stem}.png"
        )
    if name.as_posix() in taken:
        raise InputError(
            where=picture.name, what="would be written over another picture", found=name.as_posix()
        )
    target = folder / name
    if kept and picture.path is not None:
        if not (target.exists() and target.samefile(picture.path)):
            with files.replacing(target) as temporary:
                shutil.copyfile(picture.path, temporary)
    else:
        pixels.write(target, picture.read())
    return name.as_posix()


def read_subjects(folder: Path) -> dict[str, str]:
    """Returns the subjects that a folder's `subjects.csv` says, by picture; {} where there is none.

    Raises:
        InputError: It is too long or no table, or a row has not two columns.
    """
    path = folder / SUBJECTS
    if not path.is_file():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(read_text(path, _SUBJECTS_BYTES))))
    except csv.Error as error:
        raise InputError(where=str(path), what="is no table", found=str(error)) from error
    for line, row in enumerate(rows, 1):
        if len(row) != 2:
            raise InputError(
                where=f"{path}:{line}", what="is no row", expected="picture,subject", found=str(row)[:80]
            )
    return dict(rows)


def write_subjects(folder: Path, subjects: Mapping[str, str]) -> None:
    """Writes `subjects.csv` of the pictures whose subject is not their own name, if there are any."""
    rows = [(name, subject) for name, subject in subjects.items() if name != subject]
    if rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        files.write_text(folder / SUBJECTS, text.getvalue())

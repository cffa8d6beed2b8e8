"""Where a COCO file lies, and the pictures that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgekit.errors import InputError

NAME = "annotations.json"


def find(source: Path, layout: str) -> Path:
    """Returns the annotation file of a folder, or the file itself.

    Args:
        source: Folder or file.
        layout: What was expected, for messages.

    Raises:
        InputError: There is none, or there are several.
    """
    if source.is_file():
        return source
    if not source.is_dir():
        raise InputError(where=str(source), what="no such file or folder", expected=layout)
    if (source / NAME).is_file():
        return source / NAME
    found = sorted(path for part in (source, source / "annotations") for path in part.glob("*.json"))
    if len(found) != 1:
        names = ", ".join(path.relative_to(source).as_posix() for path in found[:10])
        raise InputError(
            where=str(source),
            what="holds several annotation files" if found else "holds no annotation file",
            expected=layout,
            found=names,
            hint="give the file itself" if found else "",
        )
    return found[0]


@dataclass
class Places:
    """Where the pictures of a JSON file lie: beside it, in images/, or in a folder named as the file."""

    annotations: Path
    given: Path | None

    def __post_init__(self) -> None:
        here, above = self.annotations.parent, self.annotations.parent.parent
        stem = self.annotations.stem.partition("_")[2]  # instances_train2017.json goes with train2017/
        self._folders = [self.given] if self.given else []
        self._folders += [here / "images", here, above / "images", above]
        self._folders += [above / stem, above / "images" / stem] if stem else []

    def find(self, name: str) -> Path | None:
        """Returns the file of a picture, None where it is in none of these places."""
        for position, folder in enumerate(self._folders):
            if (folder / name).is_file():
                self._folders.insert(0, self._folders.pop(position))
                return self._folders[0] / name
        return None

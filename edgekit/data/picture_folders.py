"""What data sets of pictures that lie in folders share: options, faults, subjects and tiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, TypeVar

from pydantic import Field, model_validator

from edgekit.data.annotations import base as formats
from edgekit.data.annotations.base import Annotations, ReadOptions
from edgekit.data.base import DatasetOptions, need_folder
from edgekit.data.pictures import Picture, PictureDataset, keep
from edgekit.data.tiles import tiles
from edgekit.errors import InputError, Problem


class PictureOptions(DatasetOptions):
    """Options of every data set of pictures in a folder."""

    clip: bool = Field(
        False, description="cut boxes that stick out of their picture, rather than leave them out"
    )
    strict: bool = Field(False, description="a fault ends the reading, rather than being listed")
    subject: str = Field(
        "",
        max_length=256,
        description="regular expression; its first group in a picture's name is what splits keep together",
    )
    rename: dict[str, str] = Field({}, description="new labels by old ones")
    tile: int = Field(0, ge=0, le=8192, description="width and height of tiles in pixels; 0 = whole pictures")
    overlap: int = Field(0, ge=0, description="of neighbouring tiles, in pixels")
    min_visible: float = Field(
        0.25, ge=0, le=1, description="a smaller share of a box within a tile is `difficult`, so ignored"
    )

    @model_validator(mode="after")
    def _tiles_move_on(self) -> PictureOptions:
        if self.tile and self.overlap >= self.tile:
            raise ValueError("overlap must be smaller than tile")
        return self

    def read_options(self) -> ReadOptions:
        """Returns what of this concerns the reading of a format."""
        return ReadOptions(clip=self.clip, subject=self.subject, rename=self.rename)


Opts = TypeVar("Opts", bound=PictureOptions)


class PictureFolder(PictureDataset[Opts]):
    """A data set that is a folder in one of the formats."""

    format: ClassVar[str] = ""
    """Registry key of the format."""

    def read(self, options: Opts, folder: Path) -> Annotations:
        """Returns what the folder holds, whole pictures of all classes.

        Raises:
            InputError: It has not the expected layout.
        """
        return formats.REGISTRY.get(self.format).read(folder, options.read_options())

    def folder(self, options: Opts, root: Path | None) -> Path:
        """Returns the folder of the data.

        Raises:
            InputError: It is not there.
        """
        return need_folder(self, root)

    def pictures(
        self, options: Opts, root: Path | None, classes: Sequence[str], skipped: list[Problem]
    ) -> Iterator[Picture]:
        """Yields the pictures, or their tiles; see `PictureDataset.pictures`."""
        folder = self.folder(options, root)
        found = self.read(options, folder)
        for problem in found.unused(options.read_options()):
            if problem.where == "subject":  # splits would separate what belongs together
                raise InputError([problem])
            if problem.where in options.model_fields_set:
                found.problems.append(problem)
        if options.strict and found.problems:
            raise InputError(found.problems)
        skipped += found.problems
        if not found.pictures:
            fault = Problem(str(folder), "holds no usable picture", expected=self.layout)
            raise InputError([fault, *found.problems[:10]])
        yield from keep(_tiled(found.pictures, options), classes, str(folder), skipped)


def _tiled(pictures: Iterable[Picture], options: PictureOptions) -> Iterator[Picture]:
    for picture in pictures:
        if options.tile:
            yield from tiles(picture, options.tile, options.overlap, options.min_visible)
        else:
            yield picture

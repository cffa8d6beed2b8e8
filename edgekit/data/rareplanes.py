"""Folders in the layout of RarePlanes: aircraft seen from satellites, real (tiled) and synthetic.

J. Shermeyer et al., "RarePlanes: Synthetic Data Takes Flight", WACV 2021, https://arxiv.org/abs/2006.02963.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from edgekit.data.annotations import base as formats
from edgekit.data.annotations.base import Annotations
from edgekit.data.picture_folders import PictureFolder, PictureOptions
from edgekit.errors import InputError, Problem

_PICTURES = {"real": "PS-RGB_tiled", "synthetic": "images"}
_SCENE = r"^(.+?)_\d"  # 100_1040010029990A00_tile_319.png, Some_Airport_0_0_101_1837.png


class RareplanesOptions(PictureOptions):
    """Options of `rareplanes`."""

    part: Literal["real", "synthetic"] = Field("real", description="photographs, or rendered pictures")
    published: list[Literal["train", "test"]] = Field(
        ["train", "test"], min_length=1, max_length=2, description="published splits that are read"
    )
    label: Literal["aircraft", "role"] = Field(
        "aircraft", description="one class, or civil and military roles"
    )
    subject: str = Field(_SCENE, max_length=256, description="as in coco-folder; default: the place")


class Rareplanes(PictureFolder[RareplanesOptions]):
    """Tiles of one place are one subject, also where they were taken on several days."""

    title = "RarePlanes"
    summary = "Aircraft in satellite pictures: 253 real scenes in tiles, and 50,000 synthetic pictures."
    licence = "CC BY-SA 4.0"
    source = "https://www.iqt.org/library/the-rareplanes-dataset"
    layout = (
        "<folder>/real/metadata_annotations/instances_<train|test>_<aircraft|role>.json, "
        "<folder>/real/<train|test>/PS-RGB_tiled/*.png; <folder>/synthetic/ likewise, with images/"
    )
    format = "coco"
    Options = RareplanesOptions

    def read(self, options: RareplanesOptions, folder: Path) -> Annotations:
        """Returns the pictures of the wanted splits; names begin with part and split."""
        part = folder / options.part
        found = Annotations()
        missing: list[Problem] = []
        for split in dict.fromkeys(options.published):
            file = part / "metadata_annotations" / f"instances_{split}_{options.label}.json"
            if not file.is_file():
                missing.append(Problem(str(file), "is missing", expected=self.layout))
                continue
            pictures = part / split / _PICTURES[options.part]
            one = formats.REGISTRY.get(self.format).read(
                file, replace(options.read_options(), pictures=pictures)
            )
            found.pictures += [
                replace(
                    picture,
                    name=f"{options.part}/{split}/{picture.name}",
                    subject=f"{options.part}/{picture.subject}",
                )
                for picture in one.pictures
            ]
            found.classes |= one.classes
            found.problems += one.problems
            found.labels |= one.labels
            found.told += one.told
        if missing:
            raise InputError(missing)
        return found


DATASET = Rareplanes()

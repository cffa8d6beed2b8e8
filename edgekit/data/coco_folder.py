"""Any folder of pictures with a COCO file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from edgekit.data.annotations.base import Annotations
from edgekit.data.picture_folders import PictureFolder, PictureOptions
from edgekit.errors import InputError


class CocoOptions(PictureOptions):
    """Options of `coco-folder`."""

    annotations: str = Field(
        "", max_length=512, description="the JSON file below the folder, where there are several"
    )


class CocoFolder(PictureFolder[CocoOptions]):
    """`annotations.json` and the pictures, wherever COCO's tools would find them."""

    title = "A folder in COCO's format"
    summary = "Your own pictures with boxes, in COCO's format."
    licence = "yours"
    source = "your own pictures"
    layout = "<folder>/annotations.json (or annotations/<any>.json) and the pictures, e.g. in <folder>/images"
    format = "coco"
    Options = CocoOptions

    def read(self, options: CocoOptions, folder: Path) -> Annotations:
        """Returns what the folder's file, or the one that is named, holds."""
        file = folder / options.annotations
        if not file.resolve().is_relative_to(folder.resolve()):
            raise InputError(
                where="data.options.annotations", what="leads out of the folder", found=options.annotations
            )
        return super().read(options, file)


DATASET = CocoFolder()

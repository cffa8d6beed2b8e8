"""Any folder of pictures with KITTI's label files."""

from __future__ import annotations

from edgekit.data.picture_folders import PictureFolder, PictureOptions


class KittiFolder(PictureFolder[PictureOptions]):
    """`image_2/` and `label_2/`, as KITTI has them, or `images/` and `labels/`."""

    title = "A folder in KITTI's format"
    summary = "Your own pictures with boxes, in KITTI's format."
    licence = "yours"
    source = "your own pictures"
    layout = "<folder>/image_2/<name>.png and <folder>/label_2/<name>.txt (or images/ and labels/)"
    format = "kitti"
    Options = PictureOptions


DATASET = KittiFolder()

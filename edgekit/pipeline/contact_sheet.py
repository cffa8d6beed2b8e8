"""A sheet of pictures with their boxes, to see at a glance what a set of pictures holds."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from edgekit import files
from edgekit.data.base import need_package
from edgekit.data.pictures import Picture

_COLOURS = ("#e6194b", "#4363d8", "#f58231", "#911eb4", "#3cb44b", "#42d4f4", "#f032e6", "#bfef45")
_GAP = 4


def contact_sheet(
    pictures: Sequence[Picture], classes: Sequence[str], path: Path, columns: int = 6, cell: int = 240
) -> None:
    """Writes a sheet as JPEG or PNG, by the name of the file.

    Args:
        pictures: Row by row.
        classes: Their order sets the colours; labels beyond them, and objects that are ignored, are grey.
        path: Of the sheet.
        columns: Pictures in a row.
        cell: Width and height of each, in pixels.

    Raises:
        InputError: A picture cannot be read.
        EnvironmentFailed: Pillow is not installed, or the disk refused.
    """
    image, draw = need_package("PIL.Image"), need_package("PIL.ImageDraw")
    rows, step = -(-len(pictures) // columns), cell + _GAP
    sheet = image.new("RGB", (columns * step - _GAP, max(rows * step - _GAP, 1)), "white")
    for place, picture in enumerate(pictures):
        scale = cell / max(picture.width, picture.height)
        shown = image.fromarray(picture.read())
        shown = shown.resize((round(picture.width * scale), round(picture.height * scale)))
        pen = draw.Draw(shown)
        for box in picture.boxes:
            known = box.label in classes and not box.ignored
            colour = _COLOURS[list(classes).index(box.label) % len(_COLOURS)] if known else "#a0a0a0"
            corners = [box.x, box.y, box.x + box.width, box.y + box.height]
            pen.rectangle([scale * corner for corner in corners], outline=colour, width=2)
        sheet.paste(shown, (place % columns * step, place // columns * step))
    data = io.BytesIO()
    sheet.save(data, {".png": "PNG"}.get(path.suffix.lower(), "JPEG"))
    files.write_bytes(path, data.getvalue())

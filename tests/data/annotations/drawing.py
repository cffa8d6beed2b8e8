"""Small pictures and folders of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit.data import pixels
from edgekit.data.annotations.base import REGISTRY, Annotations, ReadOptions

pytest.importorskip("PIL")


def draw(path: Path, width: int = 32, height: int = 24, seed: int = 0) -> np.ndarray:
    """Writes a picture of noise and returns its pixels."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    pixels.write(path, noise)
    return noise


def coco(folder: Path, **sections: list[Any]) -> Path:
    """Writes a COCO folder with the picture a.png of 32 x 24, one box of class 7, and what is given."""
    if not (folder / "images" / "a.png").exists():
        draw(folder / "images" / "a.png")
    tree = {
        "images": [{"id": 1, "file_name": "a.png", "width": 32, "height": 24}],
        "annotations": [{"id": 5, "image_id": 1, "category_id": 7, "bbox": [1, 2, 10, 5]}],
        "categories": [{"id": 7, "name": "plane"}],
        **sections,
    }
    (folder / "annotations.json").write_text(json.dumps(tree))
    return folder


def read(key: str, source: Path, **options: Any) -> Annotations:
    """Reads a folder as the commands do."""
    found = REGISTRY.get(key).read(source, ReadOptions(**options))
    for picture in found.pictures:
        assert picture.read().shape == (picture.height, picture.width, 3)
        for box in picture.boxes:
            assert box.label in found.classes
            assert box.width > 0 and box.height > 0
            assert box.x >= -1e-6 and box.x + box.width <= picture.width + 1e-6
    return found

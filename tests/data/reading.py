"""Reads a data set as the pipeline does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgekit.data.base import REGISTRY, Record
from edgekit.errors import Problem

CLASSES = ["SR", "SBRAD", "AFIB", "GSVT"]


def read(
    key: str, root: Path | None, classes: list[str] = CLASSES, **options: Any
) -> tuple[list[Record], list[Problem]]:
    """The records and what was skipped; every record keeps the contract."""
    dataset = REGISTRY.get(key)
    skipped: list[Problem] = []
    records = list(dataset.records(dataset.parse(options), root, classes, skipped))
    assert len({record.name for record in records}) == len(records)
    for record in records:
        assert record.signal.dtype == np.float32
        assert record.signal.ndim == 1
        assert np.isfinite(record.signal).all()
        assert record.label in classes
        assert record.subject and record.rate_hz > 0
    return records, skipped

"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings: $EDGEKIT_TEST_DATA, else ../shared/data beside the checkout."""
    folder = Path(os.environ.get("EDGEKIT_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real recordings at {folder}; set EDGEKIT_TEST_DATA")
    return folder


@pytest.fixture(scope="session")
def shared_models(shared_data: Path) -> Path:
    """Folder of third-party .tflite models, beside the recordings."""
    folder = shared_data.parent / "models"
    if not folder.is_dir():
        pytest.skip(f"no third-party models at {folder}")
    return folder

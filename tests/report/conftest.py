"""Run folders to report on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report import example


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A whole run folder whose one board agrees."""
    return example.run_folder(tmp_path / "run")

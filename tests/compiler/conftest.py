"""Fixtures of the compiler's tests; also puts this folder, with `tflite_writer`, on the import path."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = ("kws_ref_model", "ad01_int8", "ecg_rhythm_random")


@pytest.fixture(params=SHARED)
def shared_model(request: pytest.FixtureRequest, shared_models: Path) -> tuple[str, bytes]:
    """Each of the third-party models: its name and content."""
    path = shared_models / f"{request.param}.tflite"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the shared data")
    return request.param, path.read_bytes()

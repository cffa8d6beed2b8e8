"""Fixtures of the compiler's tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# Machines that run tests are busy; what is too slow is tested by the clock where it matters.
settings.register_profile("compiler", deadline=None)
settings.load_profile("compiler")

SHARED = ("kws_ref_model", "ad01_int8", "ecg_rhythm_random")


@pytest.fixture(params=SHARED)
def shared_model(request: pytest.FixtureRequest, shared_models: Path) -> tuple[str, bytes]:
    """Each of the third-party models: its name and content."""
    path = shared_models / f"{request.param}.tflite"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the shared data")
    return request.param, path.read_bytes()

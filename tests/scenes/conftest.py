"""Scenes need OpenGL without a screen: where it does not start, these tests are skipped and say why."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.scenes import gl

OWN = {"test_drawing", "test_settings"}  # draw in the process of the tests


@pytest.fixture(scope="session")
def fault() -> str:
    """Why OpenGL does not start, "" where it does."""
    if "tensorflow" in sys.modules:
        probe = [sys.executable, "-c", "from edgekit.scenes import gl; gl.renderer()"]
        done = subprocess.run(probe, capture_output=True, text=True)
        return done.stderr if done.returncode else ""
    try:
        gl.renderer()
    except EnvironmentFailed as error:
        return str(error)
    return ""


@pytest.fixture(autouse=True)
def _renderer(request: pytest.FixtureRequest, fault: str) -> None:
    if fault:
        pytest.skip(fault)
    if "tensorflow" in sys.modules and request.module.__name__.rpartition(".")[2] in OWN:
        pytest.skip("TensorFlow is loaded: test_own_process runs it")

"""Scenes need OpenGL without a screen: where it does not start, these tests are skipped and say why."""

from __future__ import annotations

import pytest

from edgekit.errors import EnvironmentFailed
from edgekit.scenes import gl


@pytest.fixture(scope="session", autouse=True)
def _renderer() -> None:
    try:
        gl.renderer()
    except EnvironmentFailed as error:
        pytest.skip(str(error))

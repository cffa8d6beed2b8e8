"""The validation application with a hand-made model, built for the host under sanitizers."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.hil import toy_model


@pytest.fixture(scope="session", params=[False, True], ids=["stateless", "stateful"])
def stateful(request) -> bool:
    return bool(request.param)


@pytest.fixture(scope="session")
def _builds(tmp_path_factory):
    if shutil.which("gcc") is None or not hasattr(os, "openpty"):
        pytest.skip("needs gcc and pseudo-terminals")
    return {flag: toy_model.build(tmp_path_factory.mktemp("app"), flag) for flag in (False, True)}


@pytest.fixture
def app(_builds, stateful) -> str:
    """Path of the application; its model has state or not."""
    return str(_builds[stateful])


@pytest.fixture
def stateless_app(_builds) -> str:
    """Path of the application without state, with preprocessing."""
    return str(_builds[False])

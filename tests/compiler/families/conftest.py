"""The families as .tflite, each converted once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest


@pytest.fixture(scope="session")
def family() -> Callable[[str], bytes]:
    """Returns a family's model by its name."""
    pytest.importorskip("tensorflow")
    from edgekit.training import runtime
    from edgekit.training.untrained import int8_on_noise
    from tests.compiler.families.networks import FAMILIES

    @cache
    def make(name: str) -> bytes:
        runtime.start(seed=1)
        return int8_on_noise(FAMILIES[name]())

    return make

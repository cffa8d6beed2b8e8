"""The families as .tflite, each converted once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest


@pytest.fixture(scope="session")
def family() -> Callable[[str], bytes]:
    """Returns a family's model by its name, int8, or 16x8 where the name says so."""
    pytest.importorskip("tensorflow")
    from edgekit.training import runtime
    from edgekit.training.untrained import int8_on_noise
    from tests.compiler.families.networks import FAMILIES, WIDE
    from tests.compiler.families.recurrent import lstm
    from tests.compiler.families.wide import wide_on_noise

    @cache
    def make(name: str) -> bytes:
        runtime.start(seed=1)
        if name == "lstm":
            return lstm()
        if name.endswith(WIDE):
            return wide_on_noise(FAMILIES[name.removesuffix(WIDE)]())
        return int8_on_noise(FAMILIES[name]())

    return make

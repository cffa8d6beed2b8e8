"""MobileNetV1 as MLPerf Tiny has it."""

import pytest

from edgekit.errors import InputError
from edgekit.models import base

keras = pytest.importorskip("keras")


def test_the_defaults_are_the_network_of_visual_wake_words():
    model = base.build("mobilenet-v1", {}, (96, 96, 3), 2)
    assert model.count_params() == 218_544 + 256 * 2 + 2
    assert model.get_layer("pool").input.shape == (None, 3, 3, 256)
    assert model.output_shape == (None, 2)


def test_alpha_widens():
    model = base.build("mobilenet-v1", {"alpha": 0.5}, (32, 32, 1), 3)
    assert model.get_layer("pool").input.shape == (None, 1, 1, 512)


def test_signals_are_refused():
    with pytest.raises(InputError, match=r"\(height, width, channels\)"):
        base.build("mobilenet-v1", {}, (800, 1), 4)

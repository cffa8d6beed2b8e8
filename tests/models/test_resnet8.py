"""ResNet8 as MLPerf Tiny has it."""

import pytest

from edgekit.errors import InputError
from edgekit.models import base

keras = pytest.importorskip("keras")


def test_the_defaults_are_the_network_of_image_classification():
    model = base.build("resnet8", {}, (32, 32, 3), 10)
    assert model.count_params() == 78_666
    assert model.get_layer("pool").input.shape == (None, 8, 8, 64)
    assert model.output_shape == (None, 10)


def test_each_further_stage_halves_the_picture():
    model = base.build("resnet8", {"filters": [4, 8]}, (16, 16, 1), 3)
    assert model.get_layer("pool").input.shape == (None, 8, 8, 8)


def test_signals_are_refused():
    with pytest.raises(InputError, match=r"\(height, width, channels\)"):
        base.build("resnet8", {}, (800, 1), 4)

"""DS-CNN as MLPerf Tiny has it."""

import pytest

from edgekit.errors import InputError
from edgekit.models import base

keras = pytest.importorskip("keras")


def test_the_defaults_are_the_network_of_keyword_spotting():
    model = base.build("ds-cnn", {}, (49, 10, 1), 12)
    assert model.get_layer("pool").input.shape == (None, 25, 5, 64)
    weights = 10 * 4 * 64 + 4 * (9 * 64 + 64 * 64) + 64 * 12 + 12
    assert model.count_params() == weights + 9 * 4 * 64
    assert model.output_shape == (None, 12)


def test_signals_are_refused():
    with pytest.raises(InputError, match=r"\(frames, coefficients, channels\)"):
        base.build("ds-cnn", {}, (800, 1), 4)

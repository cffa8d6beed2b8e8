"""EfficientNetV2-1D as the rhythm recipe uses it, and what its parameters change."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.models import base

keras = pytest.importorskip("keras")


def make(shape=(800, 1), classes=4, **params):
    return base.build("efficientnetv2-1d", params, shape, classes)


def layer_types(model):
    return [type(layer).__name__ for layer in model.layers]


def test_the_defaults_are_the_rhythm_network_of_32192_parameters():
    model = make()
    trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert (model.count_params(), trainable) == (32_192, 30_912)
    assert model.input_shape == (None, 800, 1)
    assert model.output_shape == (None, 4)


def test_rate_falls_by_two_in_the_stem_and_in_each_block():
    widths = [layer.output.shape[2] for layer in make().layers if layer.name.endswith("_project")]
    assert widths == [200, 100, 50, 25, 13, 7]


@pytest.mark.parametrize("samples", [1, 9, 250, 801])
def test_any_input_length_is_taken(samples):
    model = make((samples, 2), classes=3)
    logits = model(np.zeros((2, samples, 2), np.float32), training=False)
    assert logits.shape == (2, 3)


def test_pooling_by_stride_keeps_shapes_and_parameters_without_a_pooling_layer():
    pooled, strided = make(pooling="max"), make(pooling="stride")
    assert layer_types(pooled).count("MaxPooling2D") == 6
    assert "MaxPooling2D" not in layer_types(strided)
    assert strided.count_params() == pooled.count_params()
    assert strided.get_layer("pool").input.shape == pooled.get_layer("pool").input.shape


def test_blocks_of_equal_width_and_rate_have_a_residual():
    model = make(blocks=[{"filters": 32, "depth": 3}])
    assert layer_types(model).count("Add") == 2  # the first block of the stage changes width and rate


def test_expansion_widens_inside_the_block_and_squeeze_excite_can_be_left_out():
    model = make(stem_filters=8, blocks=[{"filters": 8, "expansion": 4, "se_ratio": 0}])
    assert model.get_layer("block1_1_expand").output.shape[-1] == 32
    assert model.get_layer("block1_1_depthwise").output.shape[-1] == 32
    assert "Multiply" not in layer_types(model)


def test_wrong_parameters_are_refused_all_at_once_with_the_nearest_key():
    with pytest.raises(InputError) as caught:
        make(pooling="mean", blocks=[{"filters": 24, "se_ration": 4}], droput=0.1)
    text = str(caught.value)
    assert "model.params: pooling" in text
    assert "model.params: blocks.0.se_ration: unknown key" in text and "did you mean 'se_ratio'?" in text
    assert "did you mean 'dropout'?" in text


def test_pictures_are_refused():
    with pytest.raises(InputError, match=r"\(samples, channels\)"):
        make((32, 32, 3))

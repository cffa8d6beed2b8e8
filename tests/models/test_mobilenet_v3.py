"""MobileNetV3 as published, what its parameters change, and its int8 form."""

from collections import Counter

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from edgekit.models import base
from edgekit.training import quantize, runtime
from edgekit.training.untrained import int8_on_noise
from tests.compiler import host

keras = pytest.importorskip("keras")


def make(shape=(32, 24), classes=4, **params):
    return base.build("mobilenet-v3", params, shape, classes)


@pytest.mark.parametrize(
    ("size", "published"),
    [("small", keras.applications.MobileNetV3Small), ("large", keras.applications.MobileNetV3Large)],
)
def test_parameters_are_as_many_as_published(size, published):
    features = published((64, 64, 3), weights=None, include_top=False, include_preprocessing=False)
    ours = make((64, 64, 3), size=size)
    assert (
        keras.Model(ours.inputs, ours.get_layer("last_act").output).count_params() == features.count_params()
    )
    heads = {"small": 576 * 1024 + 1024 + 1024 * 4 + 4, "large": 960 * 1280 + 1280 + 1280 * 4 + 4}
    assert ours.count_params() - features.count_params() == heads[size]


def test_the_gate_is_the_hard_sigmoid_times_six():
    model = make(alpha=0.25)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 32, 24)).astype(np.float32)
    gate, reduced = model.get_layer("block1_se_gate"), model.get_layer("block1_se_reduce_act")
    kernel = gate.get_weights()[0] * 9  # far enough to saturate on both sides
    gate.set_weights([kernel, np.full(8, 3.0, np.float32)])
    outputs = [reduced.output, model.get_layer("block1_se_gate_act").output]
    reduced_x, found = (np.asarray(y) for y in keras.Model(model.inputs, outputs).predict_on_batch(x))
    logits = np.tensordot(reduced_x, kernel[0, 0], 1)
    np.testing.assert_allclose(found / 6, np.clip(logits / 6 + 0.5, 0, 1), atol=1e-6)


@pytest.mark.parametrize(("alpha", "stem", "last"), [(0.5, 8, 288), (0.1, 8, 56)])
def test_alpha_narrows_to_multiples_of_eight(alpha, stem, last):
    model = make(alpha=alpha)
    assert [model.get_layer(name).filters for name in ("stem", "last")] == [stem, last]
    assert all(layer.filters % 8 == 0 for layer in model.layers if type(layer) is keras.layers.Conv2D)


@pytest.mark.parametrize(
    ("pooling", "features"), [("mean", (144,)), ("flatten", (2 * 3 * 144,)), ("depthwise", (144,))]
)
def test_pooling(pooling, features):
    model = make((64, 96), alpha=0.25, pooling=pooling, embedding=32)
    assert model.get_layer("embedding").input.shape[1:] == features


def test_the_embedding_is_linear_and_may_be_made_by_two_layers_of_low_rank():
    full, low = make(alpha=0.25, embedding=64), make(alpha=0.25, embedding=64, bottleneck=8)
    assert full.get_layer("logits").input is full.get_layer("embedding").output
    assert full.get_layer("embedding").activation is keras.activations.linear
    assert full.count_params() - low.count_params() == 144 * 64 - (144 * 8 + 8 * 64)
    with pytest.raises(InputError, match="bottleneck must be smaller than embedding"):
        make(embedding=8, bottleneck=8)


def test_the_embedding_may_end_with_the_mean_of_each_band():
    model = make((16, 8, 1), alpha=0.25, embedding=24, bands=True)
    part = keras.Model(model.inputs, model.get_layer("embedding").output)
    x = np.random.default_rng(0).normal(-3, 2, (5, 16, 8, 1)).astype(np.float32)
    found = part.predict_on_batch(x)
    assert found.shape == (5, 24 + 8)
    np.testing.assert_allclose(found[:, 24:], x[..., 0].mean(axis=1) / 20, rtol=1e-5)
    assert not model.get_layer("bands").trainable_variables
    with pytest.raises(InputError, match="bands need an embedding"):
        make((16, 8, 1), bands=True)


def test_minimalistic_networks_lack_gates_and_hard_swish():
    kinds = Counter(type(layer).__name__ for layer in make(squeeze_excite=False, hard_swish=False).layers)
    assert not kinds["Multiply"] and not kinds["Activation"]


def test_signals_are_refused():
    with pytest.raises(InputError, match=r"\(height, width\[, channels\]\)"):
        make((800,))


@pytest.fixture(scope="module")
def tflite():
    runtime.start(0)
    return int8_on_noise(make((48, 40), alpha=0.25, embedding=16, batch_norm_momentum=0.9))


def test_int8_takes_one_operator_per_activation_and_two_per_gate(tflite):
    ops = Counter(op for _, op, _ in quantize._operators(tflite))
    assert ops == {
        "RESHAPE": 1, "CONV_2D": 1 + 10 + 2 * 9 + 11 + 1, "DEPTHWISE_CONV_2D": 11, "HARD_SWISH": 18,
        "MEAN": 9 + 1, "MUL": 9, "ADD": 7, "FULLY_CONNECTED": 2,
    }  # fmt: skip


def test_every_byte_equals_the_reference(tflite, tmp_path):
    exported = export_model(tflite, "net.tflite", "net", Target(), ("aot",))
    inputs = host.random_inputs(exported.manifest, 12)
    found = host.run(host.build(exported, tmp_path, flags=("-O1",)), exported.manifest, inputs)
    (made,) = exported.manifest.outputs
    expected = reference.run(
        tflite, inputs, "litert", input_names=[exported.manifest.inputs[0].name], output_names=[made.name]
    )
    want = expected.outputs[made.name].reshape(12, -1)
    assert len(np.unique(want)) > 10, "the model's output hardly moves, so it proves nothing"
    np.testing.assert_array_equal(found[made.name], want)


def test_tiny_is_small_without_two_repeated_blocks():
    blocks = {size: _depthwise(size) for size in ("tiny", "small")}
    assert len(blocks["small"]) - len(blocks["tiny"]) == 2
    assert blocks["tiny"] == [*blocks["small"][:7], *blocks["small"][8:10]]


def _depthwise(size: str) -> list[tuple[int, ...]]:
    """Returns kernel, stride and channels of each depthwise convolution."""
    model = make((96, 64, 1), size=size)
    return [
        (*layer.kernel_size, *layer.strides, layer.output.shape[-1])
        for layer in model.layers
        if type(layer).__name__ == "DepthwiseConv2D"
    ]

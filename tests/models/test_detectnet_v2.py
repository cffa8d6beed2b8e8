"""The detector's networks: their size as published, their shapes, and their int8 form."""

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from edgekit.models import base
from edgekit.training import runtime
from edgekit.training.untrained import int8_on_noise
from tests.compiler import host

keras = pytest.importorskip("keras")

NARROW = {"depth": 10, "filters": [8, 16, 16, 24], "stem_kernel": 3}
SMALL = {
    "resnet": {"backbone_params": NARROW},
    "mobilenet-v3": {"backbone": "mobilenet-v3", "backbone_params": {"alpha": 0.25, "size": "tiny"}},
    "centroids": {
        "backbone_params": {**NARROW, "filters": [8, 16, 16]},
        "stride": 8,
        "neck": 8,
        "boxes": False,
    },
}


def make(shape=(96, 96, 1), classes=2, **params):
    return base.build("detectnet-v2", params, shape, classes)


def test_the_full_network_has_as_many_parameters_as_published():
    model = make((96, 160, 3), 3)
    convolutions = [layer for layer in model.layers if type(layer) is keras.layers.Conv2D]
    biases = sum(layer.filters for layer in convolutions if not layer.use_bias)  # of TAO's, before each norm
    assert model.count_params() + biases == 11_203_023
    assert {name: shape.shape for name, shape in model.output.items()} == {
        "coverage": (None, 6, 10, 3),
        "boxes": (None, 6, 10, 12),
    }


@pytest.mark.parametrize(
    ("params", "cells"),
    [
        ({}, 6), ({"stride": 8}, 12), ({"stride": 32}, 3),
        ({"backbone": "mobilenet-v3"}, 6), ({"backbone": "mobilenet-v3", "stride": 8}, 12),
    ],
)  # fmt: skip
def test_the_grid_follows_the_stride(params, cells):
    narrow = {"backbone_params": {"alpha": 0.25}}
    assert make(**{**narrow, **params}).output["coverage"].shape == (None, cells, cells, 2)


def test_an_untrained_network_sees_nothing():
    coverage = make(**SMALL["resnet"]).predict_on_batch(np.zeros((1, 96, 96, 1), np.float32))["coverage"]
    assert 1 / (1 + np.exp(-coverage)) == pytest.approx(np.full((1, 6, 6, 2), 0.05))


@pytest.mark.parametrize(
    ("shape", "params", "word"),
    [
        ((96, 96), {}, "whole cells"),
        ((100, 96, 1), {}, "multiples of 16"),
        ((96, 96, 1), {"backbone": "mlp"}, "cannot be a backbone"),
        ((96, 96, 1), {"backbone_params": {"filters": [8, 8]}}, "12 x 12"),
        ((96, 96, 1), {"backbone_params": {"dept": 10}}, "depth"),
        ((96, 96, 1), {"backbone_params": {"filters": [64, 0]}}, "greater than or equal to 1"),
        ((96, 96, 1), {"backbone_params": {"filters": [10**9]}}, "less than or equal to 4096"),
    ],
)
def test_what_does_not_fit_is_refused(shape, params, word):
    with pytest.raises(InputError) as caught:
        make(shape, **params)
    assert word in str(caught.value)


def test_a_resnet_alone_is_a_classifier():
    model = base.build("resnet", NARROW, (64, 64, 3), 5)
    assert model.output_shape == (None, 5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", SMALL)
def test_int8_is_exact_in_c(kind, tmp_path):
    runtime.start(0)
    data = int8_on_noise(make(**SMALL[kind]))
    exported = export_model(data, "net.tflite", "net", Target(), ("aot",))
    outputs = [tensor.name for tensor in exported.manifest.outputs]
    assert sorted(outputs) == (["coverage"] if kind == "centroids" else ["boxes", "coverage"])
    inputs = host.random_inputs(exported.manifest, 3)
    found = host.run(host.build(exported, tmp_path, flags=("-O1",)), exported.manifest, inputs)
    names = [exported.manifest.inputs[0].name]
    expected = reference.run(data, inputs, "litert", input_names=names, output_names=outputs).outputs
    for name in outputs:
        assert len(np.unique(expected[name])) > 10, "the output hardly moves, so it proves nothing"
        np.testing.assert_array_equal(found[name], expected[name].reshape(3, -1))

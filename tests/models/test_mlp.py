"""The multilayer perceptron, which is MLPerf Tiny's autoencoder too."""

import pytest

from edgekit.models import base

keras = pytest.importorskip("keras")


def test_the_defaults_are_the_autoencoder_of_anomaly_detection():
    model = base.build("mlp", {}, (640,), 640)
    kernels = [w for w in model.trainable_weights if w.path.endswith("kernel")]
    assert sum(w.shape[0] * w.shape[1] for w in kernels) == 264_192
    assert model.output_shape == (None, 640)


def test_pictures_are_flattened():
    assert base.build("mlp", {"hidden": [8]}, (4, 5, 2), 3).get_layer("hidden1").kernel.shape == (40, 8)

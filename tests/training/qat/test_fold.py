"""Folded batch normalisation computes what it did; what cannot be folded stays."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import qat

from . import nets

keras = pytest.importorskip("keras")
layers = pytest.importorskip("keras.layers")


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def random_net(seed):
    """A random graph of convolutions, normalisation, activations, sums and concatenations."""
    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    tensors = [keras.Input((9, 7, 3))]
    for i in range(7):
        x = tensors[rng.integers(max(0, len(tensors) - 2), len(tensors))]
        bias = bool(rng.integers(2))
        kind = rng.integers(5)
        if kind < 2:
            x = layers.Conv2D(6, int(rng.choice([1, 3])), padding="same", use_bias=bias)(x)
        elif kind == 2:
            x = layers.DepthwiseConv2D(3, padding="same", use_bias=bias, depth_multiplier=2 - i % 2)(x)
        elif kind == 3:
            x = layers.Dense(5, use_bias=bias, activation=[None, "relu"][rng.integers(2)])(x)
        else:
            x = layers.Concatenate()([x, tensors[rng.integers(len(tensors))]])
        if rng.integers(4):
            x = layers.BatchNormalization(scale=bool(rng.integers(2)), center=bool(rng.integers(2)))(x)
        tensors.append(x)
        if rng.integers(2):
            tensors.append(layers.ReLU()(x))
    outputs = layers.Dense(4)(layers.GlobalAveragePooling2D()(tensors[-1]))
    model = keras.Model(tensors[0], outputs)
    for layer in model.layers:
        if type(layer).__name__ == "BatchNormalization":
            layer.set_weights([rng.uniform(0.2, 2, w.shape) for w in layer.get_weights()])
    return model


@pytest.mark.parametrize("seed", range(5))
def test_random_graphs_compute_the_same(seed):
    model = random_net(seed)
    x = nets.noise(model, 5, seed)
    expected = np.asarray(model(x))
    folded = qat.fold_batch_norm(model)
    assert np.abs(np.asarray(folded(x)) - expected).max() < 1e-5 * max(1, np.abs(expected).max())
    assert kinds(folded).count("BatchNormalization") <= kinds(model).count("BatchNormalization")
    assert np.array_equal(np.asarray(model(x)), expected)  # the model stays as it is


def test_all_layers_that_can_be_folded_are():
    model = nets.one_dimensional()
    folded = qat.fold_batch_norm(model)
    assert "BatchNormalization" not in kinds(folded)
    x = nets.noise(model, 4, seed=5)
    np.testing.assert_allclose(np.asarray(folded(x)), np.asarray(model(x)), atol=1e-5)


def test_models_within_models_are_folded_too():
    inner = nets.resnet()
    model = keras.Sequential(
        [keras.Input((12, 12, 3)), layers.Conv2D(3, 1), layers.BatchNormalization(), inner]
    )
    nets.settled(model)
    folded = qat.fold_batch_norm(model)
    assert "BatchNormalization" not in kinds(folded) and "Functional" not in kinds(folded)
    x = nets.noise(model, 4, seed=5)
    np.testing.assert_allclose(np.asarray(folded(x)), np.asarray(model(x)), atol=1e-4)


@pytest.mark.parametrize("case", ["behind an activation", "two uses", "shared", "an output"])
def test_what_cannot_be_folded_stays(case):
    x = inputs = keras.Input((6, 6, 2))
    conv = layers.Conv2D(2, 1, activation="relu" if case == "behind an activation" else None)
    y = conv(x)
    if case == "shared":
        y = conv(layers.ReLU()(y))
    x = layers.BatchNormalization()(y)
    if case == "two uses":
        x = layers.Add()([x, y])
    model = nets.settled(keras.Model(inputs, [x, y] if case == "an output" else x))
    folded = qat.fold_batch_norm(model)
    assert kinds(folded).count("BatchNormalization") == 1
    given = np.random.default_rng(0).standard_normal((3, 6, 6, 2)).astype(np.float32)
    expected = keras.tree.flatten(model(given))
    if case == "an output":
        assert sorted(folded(given)) == sorted(model.output_names)
        expected = [
            dict(zip(model.output_names, expected, strict=True))[name] for name in sorted(folded(given))
        ]
    for a, b in zip(keras.tree.flatten(folded(given)), expected, strict=True):
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-6)


def test_a_model_without_a_graph_is_refused():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(InputError, match="its graph cannot be seen"):
        qat.fold_batch_norm(Subclassed())

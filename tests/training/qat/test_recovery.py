"""A network that post-training quantisation breaks is brought back. Its data are synthetic."""

import numpy as np
import pytest

from edgekit.recipes.base import QuantizeConfig
from edgekit.training import qat, quantize, runtime
from edgekit.training.evaluate import predict_int8

keras = pytest.importorskip("keras")
layers = pytest.importorskip("keras.layers")


def data(n, seed):
    """Ten fixed patterns of 8x8 in noise."""
    patterns = np.random.default_rng(0).standard_normal((10, 8, 8, 1))
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 10, n)
    return (0.45 * patterns[y] + rng.standard_normal((n, 8, 8, 1))).astype(np.float32), y


def fit(model, epochs, rate):
    x, y = data(24000, seed=1)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    for epoch in range(epochs):
        model.optimizer.learning_rate = rate * (1 - epoch / epochs)
        order = np.random.default_rng(epoch).permutation(len(x))
        for start in range(0, len(x) - 63, 64):
            part = order[start : start + 64]
            model.train_on_batch(x[part], y[part])
    return model


def with_outliers(top):
    """A trained network some of whose channels are up to 10^top larger, their readers' weights smaller."""
    runtime.start(0)
    x = inputs = keras.Input((8, 8, 1))
    for name, layer in {
        "a": layers.Conv2D(16, 3, padding="same", use_bias=False, name="a"),
        "b": layers.DepthwiseConv2D(3, padding="same", use_bias=False, name="b"),
        "c": layers.Conv2D(16, 1, use_bias=False, name="c"),
    }.items():
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9, name=f"{name}_bn")(layer(x)))
    model = fit(keras.Model(inputs, layers.Dense(10)(layers.Flatten()(x))), 3, 4e-3)
    rng = np.random.default_rng(7)
    for writer, reader in (("a_bn", "b"), ("b_bn", "c")):
        factor = 10 ** (rng.uniform(0, top, 16) * (rng.uniform(size=16) < 0.3)).round(2)
        gamma, beta, mean, variance = model.get_layer(writer).get_weights()
        model.get_layer(writer).set_weights([gamma * factor, beta * factor, mean, variance])
        model.get_layer(reader).set_weights([model.get_layer(reader).get_weights()[0] / factor[:, None]])
    return model


def right(model):
    """How many of 2,000 pictures the int8 form of a model classifies rightly."""
    x, y = data(2000, seed=2)
    calibration, _ = data(300, seed=3)
    (out,) = predict_int8(quantize.to_int8(model, calibration, QuantizeConfig()), x).values.values()
    return int((out.argmax(-1) == y).sum())


@pytest.fixture(scope="module")
def broken():
    """The network, and how many it classifies rightly in float and after post-training quantisation."""
    model = with_outliers(2.5)
    x, y = data(2000, seed=2)
    return model, int((model.predict_on_batch(x).argmax(-1) == y).sum()), right(model)


@pytest.mark.slow
@pytest.mark.xdist_group("qat-recovery")
@pytest.mark.parametrize(("ranges", "points"), [("moving-average", 1.0), ("learned", 0.5)])
def test_outlier_channels(broken, ranges, points):
    model, in_float, calibrated = broken
    calibration, _ = data(300, seed=3)
    trained = right(fit(qat.quantize_aware(model, qat.QatConfig(ranges=ranges), calibration), 3, 4e-3))
    print(f"{ranges}: of 2000: float {in_float}, PTQ {calibrated}, QAT {trained}")
    assert calibrated < in_float - 40  # more than two points are lost
    assert trained >= in_float - 20 * points

"""The simulation is the quantised network, layer by layer, and names the layer that was made bad."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import evaluate, quantize, runtime
from edgekit.training.sensitivity import Sensitivity, sqnr
from edgekit.training.twin import INPUT, Runner, Twin
from tests.compiler.tflite_writer import Op, T, build

from . import tiny

keras = pytest.importorskip("keras")

TEST = tiny.bumps(150, seed=5)


def accuracy(predict):
    return float((predict(TEST.x)["output"].argmax(axis=1) == TEST.y).mean())


@pytest.fixture(scope="module")
def files(trained):
    calibration = tiny.bumps(60, seed=3).x
    model = trained[0].model
    return quantize.to_float(model), quantize.to_int8(model, calibration, QuantizeConfig())


@pytest.fixture(scope="module")
def twin(files):
    return Twin(*files)


@pytest.fixture(scope="module")
def measured(twin):
    return Sensitivity(twin, tiny.bumps(20, seed=3).x, accuracy)


def test_an_output_that_leads_with_another_extent_than_the_batch_is_whole():
    tensors = [T("x", (1, 6), "float32"), T("s", (2,), "int32", data=[3, 2]), T("y", (3, 2), "float32")]
    model = build(tensors, [Op("RESHAPE", ["x", "s"], ["y"])], ["x"], ["y"])
    (answer,) = Runner(model, ["y"])(np.arange(6, dtype=np.float32))
    np.testing.assert_array_equal(answer, np.float32([[0, 1], [2, 3], [4, 5]]))


def test_no_layer_quantised_is_the_float_network(trained, twin):
    got = twin.runner().predict(TEST.x)["output"]
    np.testing.assert_allclose(got, evaluate.predict_float(trained[0].model, TEST.x)["output"], atol=1e-5)


def test_every_layer_quantised_is_the_int8_network(trained, files, twin, measured):
    simulated = twin.runner(measured.all, measured.all).predict(TEST.x)
    real = evaluate.predict_int8(files[1], TEST.x).values
    exact = evaluate.predict_float(trained[0].model, TEST.x)
    _, (border,) = evaluate._borders(files[1])
    assert np.abs(simulated["output"] - real["output"]).max() < 4.5 * border.scale
    assert (simulated["output"].argmax(1) == real["output"].argmax(1)).mean() >= 0.98
    assert sqnr(exact, simulated) == pytest.approx(sqnr(exact, real), abs=1.5)


def test_layers_are_those_that_quantise_anew(trained, twin):
    ops = [layer.op for layer in twin.layers]
    assert twin.layers[0].node == INPUT and ops[0] == "INPUT"
    assert not {"RESHAPE", "MAX_POOL_2D"} & set(ops)
    assert {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "LOGISTIC", "MUL"} <= set(ops)
    members = sorted(i for layer in twin.layers for i in layer.members)
    assert members == list(range(len(members)))
    kernels = [layer for layer in trained[0].model.layers if getattr(layer, "kernel", None) is not None]
    biases = sum(layer.output.shape[-1] for layer in kernels)  # batch norms are folded into them
    total = sum(np.prod(layer.kernel.shape) for layer in kernels) + biases
    assert sum(layer.parameters for layer in twin.layers) == total


def test_a_layer_alone_harms_less_than_all_and_sparing_it_helps(measured):
    layers = list(measured.layers())
    assert measured.whole() == (accuracy(measured._twin.runner().predict), None)
    _, all_db = measured.whole(measured.all, measured.all)
    assert all(layer.alone_sqnr_db > all_db - 1 for layer in layers)
    assert max(layer.spared_sqnr_db for layer in layers) > all_db + 0.2
    for layer in layers:
        assert layer.own_sqnr_db > 10 and 0 <= layer.alone_metric <= 1
        if not layer.parameters:
            assert layer.wide_sqnr_db == layer.spared_sqnr_db
    known = [layer.node for layer in layers[:-2]]
    assert list(measured.layers(done=known)) == layers[-2:]


def test_a_layer_with_an_outlier_channel_is_the_worst():
    runtime.start(0)
    inputs = keras.Input((8, 8, 4), name="picture")
    x = keras.layers.Conv2D(8, 3, activation="relu", name="good")(inputs)
    x = keras.layers.Conv2D(8, 1, name="bad")(x)
    x = keras.layers.Conv2D(8, 3, activation="relu", name="last")(x)
    model = keras.Model(inputs, keras.layers.Flatten()(x), name="outlier")
    kernel, bias = model.get_layer("bad").get_weights()
    kernel[..., 0] *= 300  # its output's range is that of this channel
    model.get_layer("bad").set_weights([kernel, bias])
    kernel, bias = model.get_layer("last").get_weights()
    kernel[:, :, 0] /= 300
    model.get_layer("last").set_weights([kernel, bias])
    x = np.random.default_rng(0).standard_normal((8, 8, 8, 4)).astype(np.float32)
    twin = Twin(quantize.to_float(model), quantize.to_int8(model, x, QuantizeConfig()))
    layers = list(Sensitivity(twin, x, lambda predict: 0.0).layers())
    worst = min(layers, key=lambda layer: layer.alone_sqnr_db)
    assert "bad" in worst.name
    assert worst.wide_sqnr_db > max(layer.wide_sqnr_db for layer in layers if layer is not worst) + 3


def test_files_of_two_networks_are_no_twins(files):
    runtime.start(0)
    inputs = keras.Input((tiny.SAMPLES, 1))
    other = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)), name="other")
    with pytest.raises(InputError, match="not of the same operators"):
        Twin(quantize.to_float(other), files[1])

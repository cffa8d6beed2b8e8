"""Biases take back what rounding shifts, on frames that nobody measured too, and nothing else changes."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import bias_correction, evaluate, qat, quantize, runtime
from edgekit.training.bias_correction import correct
from edgekit.training.flatbuffer import op_name, pack, parse

keras = pytest.importorskip("keras")

CONFIG = QuantizeConfig(calibration_frames=48)
_OUTLIER = 100.0  # how far one channel stands out, which makes the steps of all of them coarse


def pictures(n, seed):
    return np.random.default_rng(seed).standard_normal((n, 8, 8, 3)).astype(np.float32)


CALIBRATION, HELD_OUT = pictures(48, seed=1), pictures(60, seed=2)


def network(head=8):
    """Most of 64 channels behind a ReLU are small beside one, and rounded to 0 more often than up."""
    runtime.start(5)
    rng = np.random.default_rng(5)
    inputs = keras.Input((8, 8, 3), name="picture")
    wide = keras.layers.Conv2D(64, 3, activation="relu", name="wide")
    left = keras.layers.Conv2D(head, 1, name="left")
    right = keras.layers.Conv2D(head, 1, activation="relu", name="right")
    last = keras.layers.Dense(4, use_bias=False, name="last")
    x = wide(inputs)
    x = keras.layers.Add(name="both")([left(x), right(x)])
    x = keras.layers.Flatten(name="flat")(keras.layers.AveragePooling2D(3)(x))
    model = keras.Model(inputs, {"logits": last(x), "field": left.output}, name="rounded")
    kernel = rng.normal(0, 0.05, wide.kernel.shape)
    kernel[..., 0] *= _OUTLIER
    wide.set_weights([kernel, rng.normal(-0.3, 0.05, 64)])
    for layer in (left, right):
        kernel = rng.uniform(0, 0.5, layer.kernel.shape)
        kernel[:, :, 0] /= _OUTLIER
        layer.set_weights([kernel, np.zeros(head)])
    return model


@pytest.fixture(scope="module")
def model():
    return network()


@pytest.fixture(scope="module")
def files(model):
    return quantize.to_float(model), quantize.to_int8(model, CALIBRATION, CONFIG)


@pytest.fixture(scope="module")
def corrected(files):
    return correct(*files, CALIBRATION)


def shift(model, data, x):
    """Returns how far the mean of each channel of the outputs is off, root mean square over channels."""
    exact, got = evaluate.predict_float(model, x), evaluate.predict_int8(data, x).values
    errors = {name: (got[name] - exact[name]).reshape(-1, got[name].shape[-1]) for name in exact}
    return {name: float(np.sqrt(np.square(error.mean(0)).mean())) for name, error in errors.items()}


def biases(data):
    """Returns of each operator with weights: the type and the tensor of its bias, and its values."""
    model = parse(data)
    found = []
    for operator in model.subgraphs[0].operators:
        if op_name(model, operator) in ("CONV_2D", "FULLY_CONNECTED") and operator.inputs[2] >= 0:
            tensor = model.subgraphs[0].tensors[operator.inputs[2]]
            kind = {2: np.int32, 4: np.int64}[tensor.type]
            found.append((operator.inputs[2], np.frombuffer(bytes(model.buffers[tensor.buffer].data), kind)))
    return found


@pytest.mark.parametrize("x", [CALIBRATION, HELD_OUT], ids=["calibration", "held out"])
def test_the_mean_of_the_outputs_comes_back(model, files, corrected, x):
    before, after = shift(model, files[1], x), shift(model, corrected.data, x)
    assert corrected.kept and corrected.after > corrected.before + 1
    assert after["field"] < before["field"] / 4 and after["logits"] < before["logits"] / 2


def test_nothing_but_biases_changes(files, corrected):
    before, after = parse(files[1]), parse(corrected.data)
    for one, other in zip(before.subgraphs[0].operators, after.subgraphs[0].operators, strict=True):
        assert op_name(before, one) == op_name(after, other)
        assert list(one.inputs[:2]) == list(other.inputs[:2]) and list(one.outputs) == list(other.outputs)
    for one, other in zip(before.subgraphs[0].tensors, after.subgraphs[0].tensors, strict=False):
        assert (one.name, one.type, list(one.shape)) == (other.name, other.type, list(other.shape))
        if one.type not in bias_correction._BIASES:
            np.testing.assert_array_equal(before.buffers[one.buffer].data, after.buffers[other.buffer].data)


def test_layers_that_share_a_bias_get_their_own(files, corrected):
    shared = parse(files[1])
    left, right = [number for number, values in biases(files[1]) if not values.any()]
    for operator in shared.subgraphs[0].operators:
        operator.inputs = [left if number == right else number for number in operator.inputs]
    made = correct(files[0], pack(shared), CALIBRATION)
    found = biases(made.data)
    assert len({number for number, _ in found}) == len(found) == 3
    for (_, values), (_, expected) in zip(found, biases(corrected.data), strict=True):
        np.testing.assert_array_equal(values, expected)


def test_a_layer_without_a_bias_stays_and_is_counted(corrected):
    assert (corrected.layers, corrected.unbiased) == (3, 1)
    assert 60 < corrected.channels <= 80  # where rounding to whole steps leaves something to change
    assert "channels of 3 layers; 1 layers have no bias; SQNR of the outputs" in str(corrected)


def test_16x8_has_wider_biases_and_keeps_its_precision(model, files):
    wide = quantize.to_int8(model, CALIBRATION, CONFIG.model_copy(update={"activations": "int16"}))
    made = correct(files[0], wide, CALIBRATION)
    assert {values.dtype for _, values in biases(made.data)} == {np.dtype(np.int64)}
    assert shift(model, made.data, HELD_OUT)["field"] <= shift(model, wide, HELD_OUT)["field"]


def test_the_recipe_turns_it_on_and_mixed_networks_take_it(model, files, corrected, capsys):
    on = CONFIG.model_copy(update={"bias_correction": True})
    assert quantize.to_int8(model, CALIBRATION, CONFIG) == files[1]
    assert quantize.to_int8(model, CALIBRATION, on) == corrected.data
    assert str(corrected) in capsys.readouterr().err
    mixed = on.model_copy(update={"int16_layers": ["wide*"]})
    assert shift(model, quantize.to_int8(model, CALIBRATION, mixed), HELD_OUT)["field"] < 0.01


def test_trained_ranges_are_left_alone(model, capsys):
    trained = qat.quantize_aware(model, qat.QatConfig(), CALIBRATION)
    on = CONFIG.model_copy(update={"bias_correction": True})
    plain = quantize.to_int8(trained, CALIBRATION, CONFIG)
    assert quantize.to_int8(trained, CALIBRATION, on) == plain
    assert "training has seen the rounding" in capsys.readouterr().err


def test_a_correction_that_does_not_help_other_frames_is_left_out(files):
    strange = CALIBRATION.copy()
    strange[bias_correction._spread(48, 32)] = 40  # beyond every range; means are measured here
    made = correct(*files, strange)
    assert not made.kept and made.data == files[1]
    assert "left out, as it does not help" in str(made)


def test_a_network_that_is_corrected_already_has_little_left(files, corrected):
    again = correct(files[0], corrected.data, CALIBRATION)
    steps = [
        np.abs(one.astype(int) - other).max()
        for (_, one), (_, other) in zip(biases(corrected.data), biases(again.data), strict=True)
    ]
    first = [
        np.abs(one.astype(int) - other).max()
        for (_, one), (_, other) in zip(biases(files[1]), biases(corrected.data), strict=True)
    ]
    assert max(steps) <= 2 < max(first) / 20


@pytest.mark.parametrize("steps", [np.nan, np.inf, -np.inf, 1e300])
def test_no_step_leaves_a_bias_range(files, steps):
    model = parse(files[1])
    for layer in bias_correction._layers(parse(files[0]), model):
        if layer.values.size:
            bias_correction._write(model, layer, np.full(layer.values.size, steps))
    for (_, before), (_, after) in zip(biases(files[1]), biases(pack(model)), strict=True):
        expected = np.zeros_like(before) if np.isnan(steps) else -np.sign(steps) * (1 << 30)
        assert (np.abs(after.astype(int) - expected) <= np.abs(before)).all()


def test_no_frames_are_refused(files):
    with pytest.raises(InputError, match=r"'calibration'.*no frames"):
        correct(*files, CALIBRATION[:0])


def test_files_of_two_widths_are_refused(files):
    with pytest.raises(InputError, match="another shape in the float network"):
        correct(quantize.to_float(network(head=7)), files[1], CALIBRATION)


def test_one_frame_corrects_and_judges(files):
    assert correct(*files, CALIBRATION[:1]).channels > 0


def test_where_no_layer_has_a_bias_it_says_so():
    runtime.start(0)
    inputs = keras.Input((6,), name="signal")
    model = keras.Model(inputs, keras.layers.Dense(3, use_bias=False)(inputs), name="bare")
    x = np.random.default_rng(0).standard_normal((8, 6)).astype(np.float32)
    data = quantize.to_int8(model, x, CONFIG)
    made = correct(quantize.to_float(model), data, x)
    assert (made.data, made.kept) == (data, False)
    assert str(made) == "Bias correction: nothing to correct; 1 layers have no bias"

"""Training with rounding: what moves when, choice of layers, saving, determinism."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import qat, quantize, runtime

from . import nets, twins

keras = pytest.importorskip("keras")
layers = pytest.importorskip("keras.layers")


def small():
    runtime.start(4)
    inputs = keras.Input((8, 8, 2), name="picture")
    x = layers.Conv2D(4, 3, use_bias=False, name="stem")(inputs)
    x = layers.ReLU(name="stem_act")(layers.BatchNormalization(name="stem_bn")(x))
    x = layers.Conv2D(4, 1, name="mix")(x)
    x = layers.Flatten(name="flat")(layers.MaxPooling2D(name="pool")(x))
    return nets.settled(keras.Model(inputs, layers.Dense(3, name="logits")(x)))


@pytest.fixture(scope="module")
def model():
    return small()


@pytest.fixture(scope="module")
def calibration(model):
    return nets.noise(model, 32, seed=1)


def trained(model, calibration, steps=3, **settings):
    made = qat.quantize_aware(model, qat.QatConfig(**settings), calibration)
    made.compile(keras.optimizers.SGD(0.05), "mse")
    for step in range(steps):
        made.train_on_batch(5 * nets.noise(model, 16, step), np.ones((16, 3)))
    return made


def state(model):
    return {v.path: np.array(v) for v in model.variables if "seed" not in v.path}


def moved(model, calibration, **settings):
    """Names of variables that differ from those before training."""
    before = state(qat.quantize_aware(model, qat.QatConfig(**settings), calibration))
    after = state(trained(model, calibration, **settings))
    return {path for path in before if not np.array_equal(before[path], after[path])}


def test_ranges_are_where_kernels_round(model, calibration):
    made = qat.quantize_aware(model, qat.QatConfig(), calibration)
    found = [layer.name for layer in made.layers if layer.name.endswith("_range")]
    assert found == ["picture_range", "stem_act_range", "mix_range", "logits_range"]


def test_zero_is_a_level_of_every_range(model, calibration):
    made = qat.quantize_aware(model, qat.QatConfig(), calibration)
    for layer in made.layers:
        if layer.name.endswith("_range"):
            rounded, _ = layer(np.zeros((1, 2), np.float32))
            assert not np.asarray(rounded).any()


def test_without_rounding_it_computes_what_the_model_did(model, calibration):
    from edgekit.training.qat.layers import mode

    made = qat.quantize_aware(model, qat.QatConfig(), calibration)
    with mode("observe"):
        np.testing.assert_allclose(np.asarray(made(calibration)), np.asarray(model(calibration)), atol=1e-5)


def test_prediction_moves_nothing(model, calibration):
    made = trained(model, calibration, steps=1)
    before = state(made)
    made.test_on_batch(9 * calibration, np.ones((32, 3)))
    made.predict_on_batch(9 * calibration)
    after = state(made)
    assert all(np.array_equal(before[path], after[path]) for path in before)


@pytest.mark.parametrize("ranges", ["moving-average", "learned"])
def test_training_moves_weights_and_ranges(model, calibration, ranges):
    found = moved(model, calibration, ranges=ranges)
    kind = "gain" if ranges == "learned" else "maximum"
    assert {"stem/kernel", "logits/kernel", f"stem_act_range/{kind}", f"mix_range/{kind}"} <= found
    assert ("picture_range/maximum" in found) == (ranges == "moving-average")


def test_skipped_layers_train_without_rounding_and_are_calibrated_afterwards(model, calibration):
    found = moved(model, calibration, skip=("mix", "stem*"))
    assert {"stem/kernel", "mix/kernel", "logits_range/maximum"} <= found
    assert not found & {"stem_act_range/maximum", "mix_range/maximum"}
    made = trained(model, calibration, skip=("mix", "stem*"))
    before = state(made)
    qat.calibrate(made, 3 * calibration, skipped_only=True)
    after = state(made)
    changed = {path for path in before if not np.array_equal(before[path], after[path])}
    assert changed >= {"stem_act_range/maximum", "mix_range/maximum"}
    assert all(path.startswith(("stem_act_range", "mix_range")) for path in changed)


def test_the_start_is_gradual(model, calibration):
    def losses(**settings):
        made = qat.quantize_aware(model, qat.QatConfig(**settings), calibration)
        made.compile(keras.optimizers.SGD(0.0), "mse")
        x = 30 * nets.noise(model, 16, 0)  # far outside of the ranges
        ranges = [made.get_layer("mix_range").maximum]
        return [(float(made.train_on_batch(x, np.ones((16, 3)))), float(ranges[0][0])) for _ in range(5)]

    found = losses(observe_after=1, quantize_after=3, momentum=0.9)
    assert found[0][1] < found[1][1] < found[2][1]  # observes from the second step
    first = losses(observe_after=4, quantize_after=4)[0]
    assert found[0][0] == found[2][0] == first[0] and found[3][0] != first[0]  # rounds from the fourth


def test_saves_and_loads(model, calibration, tmp_path):
    made = trained(model, calibration, ranges="learned", skip=("mix",), quantize_after=2)
    made.save(tmp_path / "model.keras")
    again = runtime.load_model(tmp_path / "model.keras")
    assert qat.is_quantize_aware(again) and not qat.is_quantize_aware(model)
    assert np.array_equal(made.predict_on_batch(calibration), again.predict_on_batch(calibration))
    assert quantize.to_int8(again, calibration, QuantizeConfig()) == quantize.to_int8(
        made, calibration, QuantizeConfig()
    )


def test_training_repeats_to_the_bit(model, calibration):
    first, second = (state(trained(model, calibration, ranges="learned")) for _ in range(2))
    assert all(np.array_equal(first[path], second[path]) for path in first)


@pytest.mark.parametrize("ranges", ["moving-average", "learned"])
def test_the_tflite_holds_the_trained_ranges(model, calibration, ranges):
    made = trained(model, calibration, ranges=ranges)
    tflite = twins.Tflite(quantize.to_int8(made, calibration, QuantizeConfig()))
    written = [tflite.grid(int(op.outputs[0])) for op in tflite.graph.operators]
    for name, places in {"stem_act": [0], "mix": [1, 2, 3], "logits": [4]}.items():
        layer = made.get_layer(f"{name}_range")
        low, high = (float(end) for end in layer.ends())
        for place in places:
            scale, zero = written[place]
            assert (scale, zero) == twins.grid_of(layer)
            assert scale == pytest.approx((high - low) / 255, rel=1e-6) and zero == round(-128 - low / scale)
    assert tflite.ops == ["CONV_2D", "CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED"]


def test_weights_are_quantised_per_output_channel_as_after_training(model, calibration):
    from ai_edge_litert import schema_py_generated as schema

    both = [qat.quantize_aware(model, qat.QatConfig(), calibration), model]
    for made in both:
        data = schema.ModelT.InitFromPackedBuf(quantize.to_int8(made, calibration, QuantizeConfig()), 0)
        graph = data.subgraphs[0]
        filters = [graph.tensors[op.inputs[1]] for op in graph.operators if len(op.inputs) == 3]
        assert [len(f.quantization.scale) for f in filters] == [4, 4, 3]
        largest = np.abs(qat.fold_batch_norm(model).get_layer("mix").kernel).max((0, 1, 2)) / 127
        np.testing.assert_allclose(filters[1].quantization.scale, largest, rtol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"skip": ("mixx",)}, r"no layer is called 'mixx'\s+next:\s+did you mean 'mix'"),
        ({"include": ("a*", "mix")}, "a\\*"),
    ],
)
def test_a_pattern_that_fits_no_layer_is_refused(model, calibration, settings, message):
    with pytest.raises(InputError, match=message):
        qat.quantize_aware(model, qat.QatConfig(**settings), calibration)


def test_layers_that_it_does_not_know_are_refused_at_once(calibration):
    inputs = keras.Input((8, 8, 2))
    x = layers.LayerNormalization(name="norm")(inputs)
    x = layers.Activation("selu", name="act")(layers.Flatten()(x))
    x = layers.BatchNormalization(name="late")(x)
    with pytest.raises(InputError, match=r"(?s)norm.*act.*late.*cannot be folded"):
        qat.quantize_aware(keras.Model(inputs, layers.Dense(2)(x)), qat.QatConfig(), calibration)


def test_unusable_examples_twice_and_16x8_are_refused(model, calibration):
    with pytest.raises(InputError, match="does not fit the model"):
        qat.quantize_aware(model, qat.QatConfig(), calibration[..., :1])
    made = qat.quantize_aware(model, qat.QatConfig(), calibration)
    with pytest.raises(InputError, match="already"):
        qat.quantize_aware(made, qat.QatConfig(), calibration)
    with pytest.raises(InputError, match="was trained for int8"):
        quantize.to_int8(made, calibration, QuantizeConfig(activations="int16"))

"""PTQ: INT8 throughout, fixed batch, repeatable, within its budget."""

import subprocess
import sys

import numpy as np
import pytest

from edgekit.errors import CheckFailed, InputError
from edgekit.files import sha256
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import evaluate, quantize, runtime

from . import tiny

keras = pytest.importorskip("keras")
schema = pytest.importorskip("ai_edge_litert.schema_py_generated")

CONFIG = QuantizeConfig(calibration_frames=40)
OPERATORS = {
    "ADD", "AVERAGE_POOL_2D", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "LOGISTIC",
    "MAX_POOL_2D", "MEAN", "MUL", "PAD", "RESHAPE", "SOFTMAX",
}  # fmt: skip


@pytest.fixture(scope="module")
def calibration():
    return tiny.bumps(60, seed=3).x


@pytest.fixture(scope="module")
def tflite(trained, calibration):
    return quantize.to_int8(trained[0].model, calibration, CONFIG)


def ops(data):
    return {op for _, op, _ in quantize._operators(data)}


def test_only_operators_that_int8_runtimes_have(tflite):
    assert ops(tflite) <= OPERATORS


@pytest.mark.parametrize("pooling", ["max", "stride"])
def test_the_rhythm_network_converts_to_eight_operators(pooling):
    model = runtime.build_model("efficientnetv2-1d", {"pooling": pooling}, (800, 1), 4, seed=0)
    x = np.random.default_rng(0).standard_normal((4, 800, 1), np.float32)
    expected = {"RESHAPE", "CONV_2D", "DEPTHWISE_CONV_2D", "MEAN", "LOGISTIC", "MUL", "FULLY_CONNECTED"}
    expected |= {"MAX_POOL_2D"} if pooling == "max" else set()
    assert ops(quantize.to_int8(model, x, CONFIG)) == expected


def test_border_is_int8_with_a_batch_of_one(tflite):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=tflite)
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()
    assert (tuple(given["shape"]), given["dtype"]) == ((1, tiny.SAMPLES, 1), np.int8)
    assert (tuple(made["shape"]), made["dtype"]) == ((1, 3), np.int8)
    assert tuple(given["shape_signature"]) == (1, tiny.SAMPLES, 1)


def test_weights_are_quantised_per_channel(tflite):
    model = schema.ModelT.InitFromPackedBuf(tflite, 0)
    tensors, channel_axis = (
        model.subgraphs[0].tensors,
        {"CONV_2D": 0, "FULLY_CONNECTED": 0, "DEPTHWISE_CONV_2D": 3},
    )
    counts = []
    for operator, (_, op, _) in zip(model.subgraphs[0].operators, quantize._operators(tflite), strict=True):
        if op in channel_axis:
            weights = tensors[operator.inputs[1]]
            counts.append((len(weights.quantization.scale), weights.shape[channel_axis[op]]))
    assert len(counts) == 10 and all(scales == channels for scales, channels in counts)


@pytest.mark.slow
def test_same_weights_and_examples_give_the_same_bytes_in_another_process_too(
    trained, tflite, calibration, tmp_path
):
    fitted, folder = trained
    assert quantize.to_int8(fitted.model, calibration, CONFIG) == tflite
    np.save(tmp_path / "x.npy", calibration)
    code = (
        "import sys, numpy as np; from edgekit.training import evaluate, quantize, runtime; runtime.start(0);"
        "import keras; from edgekit.files import sha256; from edgekit.recipes.base import QuantizeConfig;"
        "data = quantize.to_int8(keras.models.load_model(sys.argv[1]), np.load(sys.argv[2]),"
        " QuantizeConfig(calibration_frames=40)); print(sha256(data))"
    )
    command = [sys.executable, "-c", code, str(folder / "model.keras"), str(tmp_path / "x.npy")]
    out = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (out.stdout.strip(), out.stderr) == (sha256(tflite), "")


def test_only_the_first_calibration_frames_count(trained, tflite, calibration):
    more = np.concatenate([calibration[:40], 100 * calibration])
    assert quantize.to_int8(trained[0].model, more, CONFIG) == tflite


@pytest.mark.parametrize("fault", ["none", "shape", "nan"])
def test_examples_that_do_not_fit_are_refused(trained, calibration, fault):
    x = {"none": calibration[:0], "shape": calibration[:, :40], "nan": np.full_like(calibration, np.nan)}[
        fault
    ]
    with pytest.raises(InputError, match=r"'calibration'[\s\S]*finite examples of shape \(48, 1\)"):
        quantize.to_int8(trained[0].model, x, CONFIG)


def test_a_layer_without_an_int8_kernel_is_an_error_that_names_the_model(calibration):
    runtime.start(0)
    inputs = keras.Input((tiny.SAMPLES, 1), name="signal")
    model = keras.Model(inputs, keras.ops.erfinv(inputs), name="strange")
    with pytest.raises(InputError, match="model 'strange': cannot be converted"):
        quantize.to_int8(model, calibration, CONFIG)


def test_16x8_keeps_the_operators_and_comes_nearer_to_float(trained, tflite, calibration):
    wide = quantize.to_int8(trained[0].model, calibration, CONFIG.model_copy(update={"activations": "int16"}))
    assert ops(wide) == ops(tflite)
    exact = evaluate.predict_float(trained[0].model, calibration)["output"]
    narrow, fine = (evaluate.predict_int8(data, calibration) for data in (tflite, wide))
    assert (fine.inputs.dtype, fine.outputs["output"].dtype) == (np.int16, np.int16)
    near, far = (np.abs(made.values["output"] - exact).mean() for made in (fine, narrow))
    assert near < 0.75 * far


def test_a_layer_without_a_16x8_form_says_what_to_do(calibration):
    inputs = keras.Input((tiny.SAMPLES, 1), name="signal")
    model = keras.Model(inputs, keras.layers.Activation("hard_silu")(inputs), name="swish")
    with pytest.raises(InputError, match=r"16x8[\s\S]*HARD_SWISH[\s\S]*quantize.activations=int8"):
        quantize.to_int8(model, calibration, QuantizeConfig(activations="int16"))


def normalised(axis, **settings):
    """Returns a small network with layer normalisation, and examples whose mean is far from 0."""
    rng = np.random.default_rng(0)
    inputs = keras.Input((6, 8), name="signal")
    x = keras.layers.LayerNormalization(axis=axis, name="norm", **settings)(inputs)
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(x)), name="net")
    for variable in model.get_layer("norm").weights:
        variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model, rng.normal(2, 1, (60, 6, 8)).astype(np.float32)


@pytest.mark.parametrize(
    ("axis", "settings"), [(-1, {}), ([1, 2], {}), (1, {"center": False, "scale": False})]
)
def test_layer_normalisation_converts_without_a_negation_and_near_float(axis, settings):
    model, x = normalised(axis, **settings)
    exact = evaluate.predict_float(model, x)["output"]
    data = quantize.to_int8(model, x, CONFIG)
    assert "NEG" not in ops(data)
    error = evaluate.predict_int8(data, x).values["output"] - exact
    assert np.sqrt((error**2).mean()) < 0.1 * exact.std()
    np.testing.assert_array_equal(evaluate.predict_float(model, x)["output"], exact)  # Keras' own again


@pytest.mark.slow
def test_layer_normalisation_in_c_is_litert_to_the_byte(tmp_path):
    model, x = normalised(-1)
    (tmp_path / "norm.tflite").write_bytes(quantize.to_int8(model, x, CONFIG))
    (record,) = validate(tmp_path / "norm.tflite", ["host"], Source(random=20))
    assert (record.status, record.mismatched_elements) == ("held", 0)


def test_float_operators_and_a_free_batch_are_listed(trained):
    import tensorflow as tf

    model = trained[0].model
    with runtime.native_output_hidden():
        data = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    with pytest.raises(CheckFailed) as caught:
        quantize.check_int8(data, "free")
    text = str(caught.value)
    assert (
        all(f"{op} " in text for op in ("SHAPE", "STRIDED_SLICE", "PACK"))
        and "depends on the batch size" in text
    )
    assert "CONV_2D" in text and "found:    FLOAT32" in text


def test_the_budget_is_held_to_the_point():
    config = QuantizeConfig(max_metric_drop=0.005)
    quantize.check_drop(0.950, 0.945, config)
    quantize.check_drop(0.950, 0.960, config)
    with pytest.raises(CheckFailed) as caught:
        quantize.check_drop(0.950, 0.944, config)
    assert "0.9500" in str(caught.value) and "0.9440" in str(caught.value)

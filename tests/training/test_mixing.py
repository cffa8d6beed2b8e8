"""Some layers in int16, the others in int8: QUANTIZE where they meet, and less noise."""

import numpy as np
import pytest

from edgekit.errors import CheckFailed, InputError
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import evaluate, mixing, quantize, runtime
from edgekit.training.flatbuffer import op_name, parse
from edgekit.training.sensitivity import sqnr

from . import tiny

pytest.importorskip("tensorflow")

CALIBRATION = tiny.bumps(60, seed=3).x
TEST = tiny.bumps(80, seed=5).x


@pytest.fixture(scope="module")
def files(trained):
    model = trained[0].model
    narrow, wide = (
        quantize.to_int8(model, CALIBRATION, QuantizeConfig(activations=kind)) for kind in ("int8", "int16")
    )
    return quantize.to_float(model), narrow, wide


@pytest.fixture(scope="module")
def mixed(files):
    return lambda *patterns: mixing.mix(*files, patterns)


def quantizers(data):
    """Returns the types that the file's QUANTIZE operators go from and to."""
    model = parse(data)
    graph = model.subgraphs[0]
    kinds = {7: "int16", 9: "int8"}
    return [
        tuple(kinds[graph.tensors[t].type] for t in (o.inputs[0], o.outputs[0]))
        for o in graph.operators
        if op_name(model, o) == "QUANTIZE"
    ]


def test_the_tail_in_int16_answers_in_int16_with_less_noise(trained, files):
    config = QuantizeConfig(int16_layers=["MEAN", "FULLY_CONNECTED"])
    tail = quantize.to_int8(trained[0].model, CALIBRATION, config)
    assert config.label == "mixed" and ("int8", "int16") in quantizers(tail)
    predicted = evaluate.predict_int8(tail, TEST)
    assert (predicted.inputs.dtype, predicted.outputs["output"].dtype) == (np.int8, np.int16)
    exact = evaluate.predict_float(trained[0].model, TEST)
    narrow = evaluate.predict_int8(files[1], TEST)
    assert sqnr(exact, predicted.values) > sqnr(exact, narrow.values) - 0.5


def test_every_layer_named_is_the_16x8_model_and_none_the_int8_model(files, mixed):
    for patterns, given in ((["*"], files[2]), ([], files[1])):
        data = mixed(*patterns)
        assert not quantizers(data)
        got, expected = (evaluate.predict_int8(each, TEST).outputs["output"] for each in (data, given))
        assert got.dtype == expected.dtype and (got == expected).all()


def test_a_layer_in_the_middle_is_converted_to_and_back(mixed):
    data = mixed("LOGISTIC")
    assert sorted(quantizers(data)) == [("int16", "int8")] * 2 + [("int8", "int16")] * 2
    assert evaluate.predict_int8(data, TEST).outputs["output"].dtype == np.int8


def test_what_has_no_16x8_form_stays_in_int8_beside_a_tail_in_int16():
    import keras

    runtime.start(0)
    inputs = keras.Input((8, 8, 3), name="picture")
    x = keras.layers.Activation("hard_silu")(keras.layers.Conv2D(4, 3)(inputs))
    x = keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(inputs, x, name="swish")
    x = np.random.default_rng(0).standard_normal((8, 8, 8, 3)).astype(np.float32)
    data = quantize.to_int8(model, x, QuantizeConfig(int16_layers=["MEAN", "FULLY_CONNECTED"]))
    types = [(op, types) for _, op, types in quantize._operators(data)]
    assert ("HARD_SWISH", {"INT8"}) in types and ("QUANTIZE", {"INT8", "INT16"}) in types
    predicted, exact = evaluate.predict_int8(data, x), evaluate.predict_float(model, x)
    assert predicted.outputs["output"].dtype == np.int16 and sqnr(exact, predicted.values) > 25
    with pytest.raises(CheckFailed, match=r"HARD_SWISH[\s\S]*is not quantised"):
        quantize.to_int8(model, x, QuantizeConfig(int16_layers=["HARD_SWISH"]))


def test_patterns_that_name_nothing_are_listed(mixed):
    with pytest.raises(InputError) as caught:
        mixed("LOGISTIK", "999")
    assert [p.what for p in caught.value.problems] == ["'LOGISTIK' names no layer", "'999' names no layer"]
    assert "LOGISTIC" in str(caught.value)

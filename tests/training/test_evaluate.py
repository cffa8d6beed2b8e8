"""What is said about predictions, checked by hand."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.quant import quantize as quantise
from edgekit.recipes.base import QuantizeConfig
from edgekit.training import evaluate, quantize

from . import tiny

pytest.importorskip("sklearn")

CLASSES = ["a", "b", "c"]
Y = np.array([0, 0, 0, 1, 1, 2])
SAID = np.array([0, 0, 1, 1, 1, 0])
CONFIDENCE = np.array([0.9, 0.6, 0.8, 0.9, 0.4, 0.9])


def logits(said=SAID, confidence=CONFIDENCE):
    probability = np.repeat((1 - confidence)[:, None] / 2, 3, axis=1)
    probability[np.arange(len(said)), said] = confidence
    return (np.log(probability) + 5).astype(np.float32)


def test_scores_by_hand():
    scores = evaluate.scores(Y, logits(), CLASSES, threshold=0.5, name="hand")
    assert (scores.name, scores.n, scores.accuracy) == ("hand", 6, pytest.approx(4 / 6))
    assert scores.confusion == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]
    a, b, c = (scores.per_class[name] for name in CLASSES)
    assert (a.precision, a.recall, a.f1, a.support) == (pytest.approx(2 / 3),) * 3 + (3,)
    assert (b.precision, b.recall, b.f1) == pytest.approx((2 / 3, 1, 0.8))
    assert (c.precision, c.recall, c.f1, c.support) == (None, 0, 0, 1)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0.8 + 0) / 3)


def test_frames_below_the_threshold_are_left_undecided():
    dropped = evaluate.scores(Y, logits(), CLASSES, threshold=0.7).threshold
    assert (dropped.value, dropped.kept, dropped.dropped) == (0.7, 4, 2)
    assert dropped.dropped_share == pytest.approx(2 / 6) and dropped.accuracy == pytest.approx(2 / 4)
    assert evaluate.scores(Y, logits(), CLASSES, threshold=0.95).threshold.accuracy is None


def test_scores_are_json_without_nan():
    import json

    absent = evaluate.scores(np.zeros(3, int), logits(np.zeros(3, int), np.full(3, 0.9)), CLASSES, 0.5)
    json.dumps(absent.to_json(), allow_nan=False)
    assert absent.per_class["c"].recall is None and absent.macro_f1 == 1


def test_softmax_holds_for_large_logits():
    np.testing.assert_allclose(evaluate.softmax(np.array([[1000, 1000, -1000]], np.float32)), [[0.5, 0.5, 0]])


def test_int8_agrees_with_float_within_its_steps(trained):
    model, test = trained[0].model, tiny.bumps(700, seed=5)
    tflite = quantize.to_int8(model, tiny.bumps(60, seed=3).x, QuantizeConfig())
    quantised = evaluate.predict_int8(tflite, test.x)
    exact, logits = evaluate.predict_float(model, test.x)["output"], quantised.values["output"]
    assert exact.shape == logits.shape == (700, 3)
    assert (quantised.inputs.dtype, quantised.inputs.shape) == (np.int8, (700, tiny.SAMPLES, 1))
    assert quantised.outputs["output"].dtype == np.int8
    assert np.abs(exact - logits).mean() < 0.05 * np.ptp(exact)
    assert (exact.argmax(1) == logits.argmax(1)).mean() > 0.97
    assert quantised.reference.kernels == "builtin_ref"


def test_inputs_are_quantised_as_the_generated_c_does(trained):
    tflite = quantize.to_int8(trained[0].model, tiny.bumps(60, seed=3).x, QuantizeConfig())
    ((scale, zero_point, _), _) = evaluate._borders(tflite)
    x = np.full((1, tiny.SAMPLES, 1), 1e6, np.float32)
    x[0, 0] = 2.5 * scale
    got = evaluate.predict_int8(tflite, x).inputs.ravel()
    assert got[0] == quantise(x[0, 0], scale, zero_point)[0] and (got[1:] == 127).all()


def test_something_else_than_a_model_is_refused():
    with pytest.raises(InputError, match=r"is not a \.tflite"):
        evaluate.predict_int8(b"no model at all", np.zeros((1, 4, 1), np.float32))

"""Quantisation-aware training as a step: its float network says what the INT8 one will."""

import numpy as np
import pytest

from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.recipes.base import QuantizeConfig
from edgekit.training.evaluate import predict_float, predict_int8
from edgekit.training.quantize import to_int8
from edgekit.training.runtime import load_model
from edgekit.training.steps import base
from edgekit.training.tasks import base as tasks
from edgekit.training.tuning import Tuner

from .. import tiny

pytest.importorskip("keras")


def test_the_trained_network_is_saved_and_converted_with_its_ranges(trained, tmp_path):
    recipe = RECIPES.get("ecg-rhythm").model_copy(update={"classes": tiny.CLASSES, "training": tiny.CONFIG})
    splits = {
        name: tiny.bumps(n, seed)
        for name, n, seed in (
            ("train", 96, 1),
            ("validation", 60, 2),
            ("calibration", 60, 3),
            ("test", 90, 4),
        )
    }.__getitem__
    task = tasks.of(recipe)
    tuner = Tuner(recipe, task, splits, tmp_path, 1)
    (planned,) = base.plan([{"step": "qat", "epochs": 1}], recipe)
    context = base.Context(recipe, task, splits, tuner, 1, tmp_path)
    applied = planned.step.apply(load_model(trained[1] / "model.keras"), planned.params, context)
    applied.model.save(tmp_path / "qat.keras")
    model = load_model(tmp_path / "qat.keras")
    x = splits("test").x
    exact = predict_float(model, x)["output"]
    quantised = predict_int8(to_int8(model, splits("calibration").x, QuantizeConfig()), x).values["output"]
    assert np.abs(exact - quantised).max() <= 3.01 * np.diff(np.unique(quantised)).min()
    assert applied.report["after"]["accuracy"] >= applied.report["before"]["accuracy"] - 0.1

"""The step prunes a trained network, trains what is left, and says what each round cost and brought back."""

import numpy as np
import pytest

from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.training import runtime
from edgekit.training.qat import QatConfig, quantize_aware
from edgekit.training.steps import base
from edgekit.training.tasks import base as tasks
from edgekit.training.tuning import Tuner

from .. import tiny

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.slow


@pytest.fixture
def context(tmp_path):
    """Data of the tiny problem, and training as a derived run does it."""
    recipe = RECIPES.get("ecg-rhythm").model_copy(update={"classes": tiny.CLASSES, "training": tiny.CONFIG})
    splits = {"train": tiny.bumps(192, 1), "validation": tiny.bumps(60, 2), "test": tiny.bumps(120, 4)}

    task = tasks.of(recipe)
    tuner = Tuner(recipe, task, splits.__getitem__, tmp_path, seed=0)
    return base.Context(recipe, task, splits.__getitem__, tuner, 0, tmp_path)


@pytest.fixture
def model(trained):
    return runtime.load_model(trained[1] / "model.keras")


def apply(step, model, context, **params):
    [planned] = base.plan([{"step": step, **params}], context.recipe)
    return planned.step.apply(model, planned.params, context)


def test_what_pruning_loses_training_brings_back(model, context):
    made = apply(
        "prune", model, context, keep_parameters=0.7, rounds=2, epochs=5, granularity=1, min_channels=2,
        learning_rate=5e-3,
    )  # fmt: skip
    report = made.report
    assert made.model.count_params() == report["after"]["parameters"] <= 0.7 * model.count_params()
    first, last = report["rounds"]
    assert model.count_params() > first["parameters"] > last["parameters"] == report["after"]["parameters"]
    correct = {name: round(120 * value) for name, value in last.items() if "accuracy" in name}
    assert correct["accuracy trained"] > correct["accuracy pruned"]
    assert correct["accuracy trained"] >= round(120 * report["before"]["accuracy"]) - 4
    assert report["after"]["accuracy"] == last["accuracy trained"]
    stem = next(row for row in report["layers"] if row["name"] == "stem")
    assert (stem["channels_before"], stem["channels_after"]) == (4, made.model.get_layer("stem").filters)
    assert sum(row["parameters_before"] for row in report["layers"]) == model.count_params()
    assert all(0 < row["channels_after"] <= row["channels_before"] for row in report["groups"])


def test_low_rank_trains_on(model, context):
    made = apply("low-rank", model, context, energy=0.7, granularity=1, epochs=1)
    assert made.report["after"]["macs"] < made.report["before"]["macs"]
    assert made.report["after"]["accuracy"] >= made.report["accuracy before training"] - 0.03
    assert made.model.output_shape == model.output_shape


def test_without_epochs_nothing_is_trained(model, context, capsys):
    made = apply("prune", model, context, pth=0.0, epochs=0)
    assert "No channel went: none scores below 0" in capsys.readouterr().err
    x = context.examples("test").x[:4]
    assert np.array_equal(made.model(x), model(x))
    assert made.report["before"] == made.report["after"]
    with pytest.raises(base.InputError, match="no layer would cost less"):
        apply("low-rank", model, context, energy=1.0, epochs=0)


def test_a_quantisation_aware_network_is_refused(model, context):
    aware = quantize_aware(model, QatConfig(), context.examples("train").x[:8])
    with pytest.raises(base.InputError, match="put prune before qat in the plan"):
        apply("prune", aware, context)

"""Distillation as a step: the student comes nearer to its teacher; a teacher that does not fit is refused."""

import shutil

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.pipeline.distil import distil
from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.training import runtime
from edgekit.training.evaluate import predict_float
from edgekit.training.steps import base
from edgekit.training.tasks import base as tasks
from edgekit.training.tuning import Tuner

from .. import tiny

keras = pytest.importorskip("keras")


@pytest.fixture
def context(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("EDGEKIT_CACHE", str(tmp_path / "cache"))
    recipe = RECIPES.get("ecg-rhythm").model_copy(update={"classes": tiny.CLASSES, "training": tiny.CONFIG})
    splits = {"train": tiny.bumps(192, 1), "validation": tiny.bumps(60, 2)}.__getitem__
    task = tasks.of(recipe)
    return base.Context(
        recipe,
        task,
        splits,
        Tuner(recipe, task, splits, tmp_path, 1),
        1,
        tmp_path,
        trained[1] / "model.keras",
    )


def student(classes=3):
    runtime.start(1)
    inputs = keras.Input((tiny.SAMPLES, 1), name="signal")
    pooled = keras.layers.AveragePooling1D(8, name="pool")(inputs)
    logits = keras.layers.Dense(classes, name="logits")(keras.layers.Flatten(name="flat")(pooled))
    return keras.Model(inputs, logits, name="student")


def plan(recipe, **params):
    return base.plan([{"step": "distil", **params}], recipe)[0]


def test_the_student_comes_nearer_to_its_teacher(context, trained):
    x = context.examples("validation").x
    wanted = predict_float(trained[0].model, x)["output"]
    made = plan(context.recipe, epochs=4, share=1, temperature=1)
    begun = predict_float(student(), x)["output"]
    applied = made.step.apply(student(), made.params, context)
    ended = predict_float(applied.model, x)["output"]
    assert divergence(wanted, ended) < 0.6 * divergence(wanted, begun)
    assert applied.report["teacher"] == trained[1].name
    assert len(list((context.folder / "cache/targets").glob("run-*.sqlite"))) == 1


def divergence(teacher, given):
    p, q = (np.exp(v - v.max(1, keepdims=True)) for v in (teacher, given))
    p, q = (v / v.sum(1, keepdims=True) for v in (p, q))
    return float((p * np.log(p / q)).sum(1).mean())


def test_a_teacher_that_does_not_fit_is_refused(context, trained, tmp_path):
    made = plan(context.recipe)
    with pytest.raises(InputError, match="takes or gives something else"):
        made.step.apply(student(classes=4), made.params, context)
    folder = tmp_path / "teacher"
    folder.mkdir()
    shutil.copy(trained[1] / "model.keras", folder)
    (folder / "config.yaml").write_text("classes: [late, early, middle]\n")
    made = plan(context.recipe, teacher=str(folder))
    with pytest.raises(InputError, match="has other classes"):
        made.step.apply(student(), made.params, context)


def test_a_plan_without_a_teacher_or_logits_is_refused(context):
    with pytest.raises(InputError, match="teacher: is no trained run"):
        plan(context.recipe, teacher="nowhere")
    with pytest.raises(InputError, match="learns a classifier's answers"):
        plan(context.recipe.model_copy(update={"task": "embedding"}))


def test_a_detector_is_refused_before_anything_is_prepared(tmp_path):
    with pytest.raises(InputError, match="distil learns a classifier's answers") as caught:
        distil("aircraft-detect", {}, "quick", [], None, tmp_path)
    (problem,) = caught.value.problems
    assert problem.found == "detection" and "prune and qat" in problem.hint and not list(tmp_path.iterdir())

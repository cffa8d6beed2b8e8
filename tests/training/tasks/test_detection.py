"""A narrow detector of drawn rectangles: trained, pruned, quantised, and judged as a board's answers are."""

from functools import partial

import numpy as np
import pytest

from edgekit.compiler import attached
from edgekit.compiler.export import export_model, interface
from edgekit.compiler.ops.base import Target
from edgekit.errors import InputError
from edgekit.recipes.base import ModelConfig
from edgekit.training import evaluate, fit, quantize, runtime
from edgekit.training.detection import targets
from edgekit.training.detection.boxes import padded
from edgekit.training.examples import Examples
from edgekit.training.steps import base as steps
from edgekit.training.tasks import base as tasks
from edgekit.training.tasks.detection import grid_of
from edgekit.training.tuning import Tuner
from tests.training.detection.rectangles import RECIPE, pictures

pytest.importorskip("tensorflow")
pytest.importorskip("pycocotools")
TASK = tasks.of(RECIPE)


@pytest.fixture(scope="module")
def splits():
    made = {name: pictures(count, seed) for seed, (name, count) in
            enumerate({"train": 320, "validation": 48, "calibration": 32, "test": 64}.items())}  # fmt: skip
    return made.__getitem__


@pytest.fixture(scope="module")
def trained(splits, tmp_path_factory):
    runtime.start(1)
    model = TASK.build(RECIPE, (64, 64, 1))
    objective = TASK.objective(RECIPE, splits("train"))
    folder = tmp_path_factory.mktemp("detector")
    return fit.fit(model, objective, RECIPE.training, splits("train"), splits("validation"), folder)


def score(model, splits):
    return TASK.score(RECIPE, partial(evaluate.predict_float, model), splits)


@pytest.mark.slow
def test_it_learns_rectangles(trained, splits, tmp_path):
    found = score(trained.model, splits)
    assert found.value > 0.7
    assert trained.history[trained.best_epoch - 1]["val_mAP50"] == max(
        row["val_mAP50"] for row in trained.history
    )
    assert [row["part"] for row in found.rows] == ["square", "bar", "small", "medium", "all"]
    TASK.draw(RECIPE, {"float": found}, tmp_path)
    assert "recall" in (tmp_path / "precision_recall.svg").read_text()


@pytest.mark.slow
def test_int8_is_near_and_a_boards_answers_are_scored_alike(trained, splits):
    data = quantize.to_int8(trained.model, splits("calibration").x, RECIPE.quantize)
    test = splits("test")
    predicted = evaluate.predict_int8(data, test.x)
    found = TASK.score(RECIPE, lambda x: predicted.values, splits)
    assert found.value > score(trained.model, splits).value - 0.1
    inputs, outputs = interface(data, "net.tflite")
    boxes = attached.Boxes.design(RECIPE.detection.limits, 0, "net", inputs, outputs)
    exported = export_model(data, "net.tflite", "net", Target(), ("aot",), boxes=boxes).manifest
    targets = TASK.vector_targets(RECIPE, trained.model, splits)
    measured = TASK.measure(exported, test.y, targets, predicted.outputs)
    assert measured is not None and measured.value == pytest.approx(found.value)
    rows = {row["part"]: row for row in found.rows}
    assert measured.more["mAP"] == pytest.approx(rows["all"]["AP"], abs=1e-4)
    for name in ("precision", "recall"):
        mean = np.mean([rows[label][name] for label in RECIPE.classes])
        assert measured.more[name] == pytest.approx(mean, abs=0.01)  # a level may lie on the threshold
    assert TASK.measure(exported, None, None, predicted.outputs) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "entry",
    [
        {"step": "prune", "keep_parameters": 0.6, "epochs": 2, "learning_rate": 4e-3},
        {"step": "qat", "epochs": 1},
    ],
    ids=lambda entry: entry["step"],
)
def test_steps_take_a_detector(entry, trained, splits, tmp_path):
    (planned,) = steps.plan([entry], RECIPE)
    tuner = Tuner(RECIPE, TASK, splits, tmp_path, 1)
    origin = tmp_path / "origin.keras"
    trained.model.save(origin)
    context = steps.Context(RECIPE, TASK, splits, tuner, 1, tmp_path, origin)
    model = planned.step.apply(runtime.load_model(origin), planned.params, context).model
    if entry["step"] == "prune":
        assert model.count_params() < 0.7 * trained.model.count_params()
    assert score(model, splits).value > 0.4
    data = quantize.to_int8(model, splits("calibration").x, RECIPE.quantize)
    assert sorted(evaluate.predict_int8(data, splits("test").x[:2]).values) == ["boxes", "coverage"]


def test_centroids_are_learnt_without_boxes():
    params = {**RECIPE.model.params, "boxes": False}
    recipe = RECIPE.model_copy(update={"model": RECIPE.model.model_copy(update={"params": params})})
    objective = TASK.objective(recipe, pictures(8, 0))
    assert set(objective.loss) == {"coverage"} == set(objective.encoded(pictures(2, 0).extras["boxes"]))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"camera": None}, "camera"),
        (
            {"detection": RECIPE.detection.model_copy(update={"augment": {"flap": 1.0}})},
            "unknown augmentation",
        ),
        ({"training": RECIPE.training.model_copy(update={"label_smoothing": 0.1})}, "label_smoothing"),
        ({"model": ModelConfig(name="detectnet-v3")}, "did you mean 'detectnet-v2'"),
        (
            {"model": ModelConfig(name="detectnet-v2", params={"backbon": "resnet"})},
            "did you mean 'backbone'",
        ),
        ({"model": ModelConfig(name="detectnet-v2", params={"backbone_params": {"dept": 10}})}, "'depth'"),
        ({"model": ModelConfig(name="mlp")}, "has no grid"),
        (
            {"camera": RECIPE.camera.model_copy(update={"size": (64, 60)})},
            "whole number of the network's cells",
        ),
        ({"camera": RECIPE.camera.model_copy(update={"crop": (1, 0, 64, 64)})}, "beyond the frame's width"),
    ],
)
def test_recipes_that_do_not_suit_are_refused(changes, word):
    with pytest.raises(InputError, match=word):
        tasks.of(RECIPE.model_copy(update=changes))


@pytest.mark.parametrize(("iou", "wrong"), [(0.4, False), (1.0, True)])
def test_boxes_that_the_deployed_system_would_name_twice_are_wrong(splits, iou, wrong):
    recipe = RECIPE.model_copy(update={"detection": RECIPE.detection.model_copy(update={"iou": iou})})
    made = targets.encode(splits("test").extras["boxes"], grid_of(recipe))
    count = len(recipe.classes)
    outputs = {"coverage": 10 * made["coverage"][..., :count] - 5, "boxes": made["boxes"][..., : 4 * count]}
    row = TASK.score(recipe, lambda x: outputs, splits).rows[0]
    assert row["recall"] > 0.9 and (row["precision"] < 0.6) == wrong


def test_classes_without_boxes_are_named():
    train = pictures(8, 0)
    squares = padded([[[2, 2, 20, 20, 0, 0]]] * 8)
    objective = TASK.objective(RECIPE, train)
    given = {"train": Examples(train.x, train.y, {"boxes": squares})}
    assert ["bar" in problem.what for problem in objective.faults(given)] == [True]
    other = {"validation": Examples(train.x, train.y, {"boxes": squares + np.float32([0, 0, 0, 0, 7, 0])})}
    assert "out of range" in next(objective.faults(other)).what
    assert "holds no boxes" in next(objective.faults({"test": Examples(train.x, train.y)})).what

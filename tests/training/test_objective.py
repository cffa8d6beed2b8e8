"""A fit follows whatever objective it is given: cached targets, several outputs, a figure of its own."""

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.recipes.base import REGISTRY as RECIPES
from edgekit.training import fit, runtime
from edgekit.training.evaluate import predict_float, predict_int8
from edgekit.training.objective import Objective
from edgekit.training.qat import QatConfig, quantize_aware
from edgekit.training.quantize import to_int8
from edgekit.training.tasks import base as tasks
from edgekit.training.tuning import Tuner

from . import tiny

keras = pytest.importorskip("keras")


def two_outputs():
    runtime.start(0)
    inputs = keras.Input((tiny.SAMPLES, 1), name="signal")
    features = keras.layers.Conv1D(4, 9, strides=4, activation="relu", name="features")(inputs)
    embedding = keras.layers.Dense(5, name="dense")(keras.layers.Flatten(name="flat")(features))
    logits = keras.layers.Dense(3, name="classes")(embedding)
    return keras.Model(inputs, {"logits": logits, "embedding": embedding}, name="mimic")


def with_teacher(n, seed):
    examples = tiny.bumps(n, seed)
    features = examples.x.reshape(n, 6, 8).mean(axis=2)[:, :5]
    return examples._replace(extras={"teacher": features})


def mimic(**changes):
    """Follows a teacher's features, and labels with the logits; watches how near it comes."""

    def nearness(outputs, examples):
        return {"nearness": -float(np.abs(outputs["embedding"] - examples.extras["teacher"]).mean())}

    return Objective(
        loss={"embedding": "mse", "logits": keras.losses.CategoricalCrossentropy(from_logits=True)},
        targets=lambda e: {
            "embedding": e.extras["teacher"],
            "logits": np.eye(3, dtype=np.float32)[e.y],
        },
        measure=nearness,
        watch="val_nearness",
        higher_is_better=True,
        **changes,
    )


def run(folder, objective, train=None, **settings):
    config = tiny.CONFIG.model_copy(update={"augment": {}, "epochs": 4, **settings})
    validation = with_teacher(60, 2)
    return fit.fit(two_outputs(), objective, config, train or with_teacher(96, 1), validation, folder)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    return run(tmp_path_factory.mktemp("mimic"), mimic(augment=lambda x, y, rng: (x * 1.0, y)))


def test_the_best_epoch_is_the_one_that_the_objective_watches(fitted):
    history = [row["val_nearness"] for row in fitted.history]
    assert fitted.best_epoch == 1 + int(np.argmax(history)) != len(history)
    assert {"embedding_loss", "logits_loss", "val_embedding_loss"} <= set(fitted.history[0])


@pytest.mark.parametrize("trained_ranges", [False, True])
def test_outputs_keep_their_names_through_quantisation(fitted, trained_ranges):
    examples = with_teacher(60, 3)
    model = quantize_aware(fitted.model, QatConfig(), examples.x) if trained_ranges else fitted.model
    exact = predict_float(model, examples.x)
    quantised = predict_int8(to_int8(model, examples.x, RECIPES.get("ecg-rhythm").quantize), examples.x)
    assert set(exact) == set(quantised.values) == {"embedding", "logits"}
    for name, values in exact.items():
        assert np.abs(values - quantised.values[name]).max() < 0.1 * np.ptp(values)


def test_another_objective_does_not_take_up_the_fit_of_this_one(tmp_path, capsys):
    run(tmp_path, mimic(), epochs=1)
    assert run(tmp_path, mimic(), epochs=1).resumed_after == 1
    assert run(tmp_path, mimic(settings={"temperature": 2}), epochs=1).resumed_after == 0
    assert "starts anew" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (np.full((96, 5), np.nan, np.float32), "targets hold NaN"),
        (np.zeros((95, 5), np.float32), "examples and 'teacher' differ in number"),
    ],
)
def test_targets_that_will_not_do_are_refused(tmp_path, teacher, message):
    with pytest.raises(InputError, match=message):
        run(tmp_path, mimic(), tiny.bumps(96, 1)._replace(extras={"teacher": teacher}))


class _Found(Exception):
    pass


def test_a_tuner_resumes_each_of_its_fits_in_turn(tmp_path):
    recipe = RECIPES.get("ecg-rhythm").model_copy(update={"classes": tiny.CLASSES, "training": tiny.CONFIG})
    splits = {"train": tiny.bumps(96, 1), "validation": tiny.bumps(60, 2)}
    epochs = []

    def twice(stop_at=0):
        model = keras.Model((made := two_outputs()).inputs, made.output["logits"], name="logits")
        tuner = Tuner(recipe, tasks.of(recipe), splits.__getitem__, tmp_path, seed=5)

        def note(number):
            epochs.append(number)
            if len(epochs) == stop_at:
                raise _Found

        for rate in (1e-3, 1e-4):
            tuner(model, 2, rate, before_epoch=note, augment={})
        return [f.resumed_after for f in tuner.fits], predict_float(model, splits["validation"].x)["output"]

    with pytest.raises(_Found):
        twice(stop_at=4)  # before the second epoch of the second fit
    resumed, answers = twice()
    assert resumed == [2, 1] and epochs == [1, 2, 1, 2, 2]
    assert (tmp_path / "fit-1/history.csv").is_file() and (tmp_path / "fit-2/history.csv").is_file()
    with pytest.raises(InputError, match="did you mean 'batch_size'"):
        Tuner(recipe, tasks.of(recipe), splits.__getitem__, tmp_path, 5)(None, 1, 1e-3, batchsize=4)
    np.testing.assert_array_equal(twice()[1], answers)

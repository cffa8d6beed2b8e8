"""Training: what it leaves behind, and that a killed run ends as one that was not."""

import csv
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from edgekit.errors import CheckFailed, InputError
from edgekit.recipes.base import TrainingConfig
from edgekit.training import augment, checkpoint, fit

from . import tiny

keras = pytest.importorskip("keras")


def rows(folder):
    with (folder / "history.csv").open() as file:
        return list(csv.DictReader(file))


def weights(model):
    return checkpoint.values(model.weights)


def test_it_learns_and_leaves_history_model_and_tensorboard(trained):
    fitted, folder = trained
    history = rows(folder)
    assert list(history[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert [row["epoch"] for row in history] == [str(i) for i in range(1, 9)]
    assert max(float(row["val_accuracy"]) for row in history) > 0.9
    assert float(history[-1]["learning_rate"]) < float(history[0]["learning_rate"])
    assert list((folder / "tensorboard").glob("events.out.tfevents.*"))
    stored = keras.models.load_model(folder / "model.keras")
    for ours, theirs in zip(weights(fitted.model), weights(stored), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_model_has_the_weights_of_its_best_epoch(trained):
    fitted, _ = trained
    best = min(fitted.history, key=lambda row: row["val_loss"])
    validation = tiny.bumps(60, seed=2)
    logits = fitted.model.predict(validation.x, verbose=0)
    assert fitted.best_epoch == best["epoch"]
    assert float((logits.argmax(axis=1) == validation.y).mean()) == pytest.approx(best["val_accuracy"])


def test_a_finished_run_is_not_trained_again_and_its_history_is_whole(trained):
    fitted, folder = trained
    history = (folder / "history.csv").read_bytes()
    (folder / "history.csv").unlink()  # as after a kill between checkpoint and history
    config = tiny.CONFIG.model_copy(update={"epochs": 8})
    again = tiny.train(folder, config)
    assert again.resumed_after == 8 and again.history == fitted.history
    assert (folder / "history.csv").read_bytes() == history
    for ours, theirs in zip(weights(fitted.model), weights(again.model), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path, monkeypatch):
    whole = tiny.train(tmp_path / "whole")
    apply, calls = augment.apply, iter(range(1000))

    def power_cut(*args):
        if next(calls) == 29:  # in the third epoch of twelve steps each
            raise KeyboardInterrupt
        return apply(*args)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(augment, "apply", power_cut)
        tiny.train(tmp_path / "cut")
    assert len(rows(tmp_path / "cut")) == 2
    resumed = tiny.train(tmp_path / "cut")
    assert resumed.resumed_after == 2
    assert (tmp_path / "cut/history.csv").read_bytes() == (tmp_path / "whole/history.csv").read_bytes()
    for ours, theirs in zip(weights(resumed.model), weights(whole.model), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.slow
def test_a_process_killed_in_the_middle_ends_with_the_history_of_one_that_was_not(tmp_path):
    epochs = 16

    def start(folder):
        return subprocess.Popen([sys.executable, tiny.__file__, str(folder), str(epochs)])

    killed = start(tmp_path / "killed")
    history = tmp_path / "killed/history.csv"
    deadline = time.monotonic() + 120
    while not (history.is_file() and len(rows(history.parent)) >= 3):
        assert killed.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    assert 3 <= len(rows(history.parent)) < epochs
    for folder in ("killed", "whole"):
        assert start(tmp_path / folder).wait(timeout=200) == 0
    assert len(rows(history.parent)) == epochs
    assert history.read_bytes() == (tmp_path / "whole/history.csv").read_bytes()


def test_other_settings_start_anew(trained, tmp_path, capsys):
    folder = shutil.copytree(trained[1], tmp_path / "run")
    other = tiny.train(folder, tiny.CONFIG.model_copy(update={"epochs": 1, "seed": 4}))
    assert other.resumed_after == 0 and len(rows(folder)) == 1
    assert "starts anew" in capsys.readouterr().err


def test_a_damaged_checkpoint_is_named(tmp_path):
    (tmp_path / "checkpoint.npz").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(InputError, match=r"checkpoint.npz: is damaged[\s\S]*delete it"):
        tiny.train(tmp_path)


def test_early_stopping_keeps_its_patience(tmp_path):
    config = tiny.CONFIG.model_copy(
        update={"epochs": 30, "early_stopping_patience": 2, "learning_rate": 0.03}
    )
    fitted = tiny.train(tmp_path, config)
    assert fitted.stopped_early and len(fitted.history) == fitted.best_epoch + 2 < 30


def test_a_loss_that_is_not_a_number_is_an_error_that_says_what_to_do(tmp_path):
    config = tiny.CONFIG.model_copy(update={"learning_rate": 1e30, "warmup_epochs": 0})
    with pytest.raises(
        CheckFailed, match=r"epoch \d+, step \d+: the loss is [\s\S]*training.learning_rate=1e\+29"
    ):
        tiny.train(tmp_path, config)


def test_a_class_without_examples_is_refused(tmp_path):
    examples = tiny.bumps(30, seed=1)
    with pytest.raises(InputError, match="no example of class 2"):
        tiny.train(tmp_path, examples=examples._replace(y=np.minimum(examples.y, 1)))


def test_learning_rate_warms_up_then_falls_as_a_cosine():
    config = TrainingConfig(epochs=5, learning_rate=1.0, warmup_epochs=1)
    rates = [fit.learning_rate(config, step, 10) for step in range(50)]
    assert rates[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert rates[10] == 1.0 and rates[30] == pytest.approx(0.5)
    assert 0 < rates[-1] < 0.01 and rates[10:] == sorted(rates[10:], reverse=True)
    constant = config.model_copy(update={"schedule": "constant"})
    assert {fit.learning_rate(constant, step, 10) for step in range(10, 50)} == {1.0}


def test_a_row_of_the_history_covers_all_batches_of_the_validation(tmp_path, monkeypatch):
    whole = tiny.train(tmp_path / "whole", tiny.CONFIG.model_copy(update={"epochs": 2}))
    monkeypatch.setattr(fit, "batch_size", lambda x: 25)
    parts = tiny.train(tmp_path / "parts", tiny.CONFIG.model_copy(update={"epochs": 2}))
    for ours, theirs in zip(parts.history, whole.history, strict=True):
        assert ours["val_loss"] == pytest.approx(theirs["val_loss"], rel=1e-5)
        assert ours["val_accuracy"] == pytest.approx(theirs["val_accuracy"])


def test_training_loss_and_accuracy_are_means_over_all_steps(tmp_path, monkeypatch):
    steps = []
    train_on_batch = keras.Model.train_on_batch

    def recorded(*args, **kwargs):
        steps.append(train_on_batch(*args, **kwargs))
        return steps[-1]

    monkeypatch.setattr(keras.Model, "train_on_batch", recorded)
    (row,) = tiny.train(tmp_path, tiny.CONFIG.model_copy(update={"epochs": 1})).history
    assert len(steps) == 192 // 16
    assert row["loss"] == pytest.approx(np.mean([step["loss"] for step in steps]))
    assert row["accuracy"] == pytest.approx(np.mean([step["accuracy"] for step in steps]))

"""A batch that is split among devices trains as a whole one does; --gpus says how many."""

import json
import subprocess
import sys

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import devices

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("devices")
    program = [sys.executable, "-m", "tests.training.two_devices", str(folder)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("training on 2 devices") == 1
    assert (folder / "rounded" / "model.keras").is_file()
    return json.loads((folder / "made.json").read_text())


@pytest.mark.parametrize(
    ("alone", "other"), [("one", "two"), ("heads, one", "heads, two"), ("one", "cut, then one")]
)
def test_two_devices_train_as_one_does(made, alone, other):
    """Also with two outputs, and where a training that was cut on two goes on with one."""
    one, two = made[alone], made[other]
    assert two["resumed"] == (other == "cut, then one")
    for ours, theirs in zip(one["history"], two["history"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    for ours, theirs in zip(one["weights"], two["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    for name, answers in one["answers"].items():
        np.testing.assert_allclose(answers, two["answers"][name], atol=1e-4)
        assert len(answers) == 45  # an odd batch: whole on each device, told once


def test_quantisation_aware_training_counts_and_follows_ranges_on_two(made):
    first, last = made["rounded"]["history"]
    assert last["loss"] < first["loss"]


@pytest.mark.parametrize(("asked", "shown"), [(None, None), (0, []), (1, ["a"]), (2, ["a", "b"])])
def test_gpus_bounds_what_tensorflow_may_use(monkeypatch, asked, shown):
    import tensorflow as tf

    chosen = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["a", "b"])
    monkeypatch.setattr(tf.config, "set_visible_devices", lambda *given: chosen.append(given))
    devices.use(asked)
    assert chosen == ([] if shown is None else [(shown, "GPU")])
    with pytest.raises(InputError, match=r"--gpus: are more than TensorFlow sees[\s\S]*at most 2[\s\S]*3"):
        devices.use(3)


def test_more_gpus_than_there_are_end_before_anything_is_prepared(tmp_path):
    command = ["train", "ecg-rhythm", "--gpus", "99", "--runs", str(tmp_path / "runs")]
    done = subprocess.run([sys.executable, "-m", "edgekit", *command], capture_output=True, text=True)
    assert done.returncode == 2 and "error: --gpus: are more than" in done.stderr
    assert not (tmp_path / "runs").exists()

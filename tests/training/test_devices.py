"""A batch that is split among devices trains as a whole one does."""

import json
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytestmark = pytest.mark.slow


def test_two_devices_train_as_one_does(tmp_path):
    program = [sys.executable, "-m", "tests.training.two_devices", str(tmp_path)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert "training on 2 devices" in done.stderr
    made = json.loads((tmp_path / "made.json").read_text())
    one, two = made["one"], made["two"]
    for ours, theirs in zip(one["history"], two["history"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    for ours, theirs in zip(one["weights"], two["weights"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(one["answers"], two["answers"], atol=1e-4)
    assert len(two["answers"]) == 45  # an odd batch: whole on each device, told once
    first, last = made["rounded"]["history"]  # quantisation-aware training counts and follows ranges
    assert last["loss"] < first["loss"] and (tmp_path / "rounded" / "model.keras").is_file()

"""TensorFlow starts quietly and repeatably; models come from files as they went."""

import subprocess
import sys

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.training import runtime

from . import tiny

pytest.importorskip("tensorflow")


def test_starting_writes_nothing():
    code = (
        "from edgekit import console; console.set_quiet(True)\n"
        "from edgekit.training import runtime\n"
        "runtime.start(0)\n"
        "import tensorflow as tf; tf.constant(1.0) + 1\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (out.stdout, out.stderr) == ("", "")


def test_native_output_is_hidden_unless_the_block_fails(capfd):
    echo = "import os; os.write(2, b'from below\\n')"
    with runtime.native_output_hidden():
        subprocess.run([sys.executable, "-c", echo], check=True)
    assert capfd.readouterr() == ("", "")
    with pytest.raises(ValueError, match="after"), runtime.native_output_hidden():
        subprocess.run([sys.executable, "-c", echo], check=True)
        raise ValueError("after")
    assert capfd.readouterr().err == "from below\n"


def test_weights_are_a_function_of_the_seed():
    def first(seed):
        model = runtime.build_model("efficientnetv2-1d", tiny.NETWORK, (tiny.SAMPLES, 1), 3, seed)
        return model.get_layer("stem").kernel.numpy()

    np.testing.assert_array_equal(first(1), first(1))
    assert not np.array_equal(first(1), first(2))


def test_a_stored_model_answers_as_the_fitted_one(trained):
    fitted, folder = trained
    x = tiny.bumps(8, seed=6).x
    loaded = runtime.load_model(folder / "model.keras")
    np.testing.assert_array_equal(loaded.predict_on_batch(x), fitted.model.predict_on_batch(x))


@pytest.mark.parametrize("content", [None, b"", b"no model", b"PK\x03\x04 cut"])
def test_what_is_no_model_is_named(tmp_path, content):
    path = tmp_path / "model.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"model\.keras: "):
        runtime.load_model(path)

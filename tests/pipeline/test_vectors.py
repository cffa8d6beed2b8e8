"""vectors.npz is checked against the model before anything is sent."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.manifest import TensorInfo
from edgekit.pipeline import vectors
from edgekit.pipeline.vectors import Vectors

X = TensorInfo(name="x", dtype="int8", shape=[1, 4, 2], scale=0.5, zero_point=1)


def saved(path: Path, **arrays: np.ndarray) -> Path:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    path.write_bytes(buffer.getvalue())
    return path


def test_what_is_written_is_read(tmp_path):
    generator = np.random.default_rng(0)
    given = Vectors(
        {"x": generator.integers(-128, 128, (3, 4, 2), dtype=np.int8)},
        {"y": np.zeros((3, 5), np.int8)},
        np.array([0, 1, 2]),
        np.array([[0.5], [1.5], [2.5]], np.float32),
        np.zeros(7, np.float32),
    )
    (tmp_path / "v.npz").write_bytes(given.to_npz())
    read = vectors.load(tmp_path / "v.npz", [X])
    assert np.array_equal(read.inputs["x"], given.inputs["x"])
    assert np.array_equal(read.outputs["y"], given.outputs["y"])
    assert read.labels is not None and read.labels.tolist() == [0, 1, 2]
    assert read.targets is not None and read.targets.tolist() == [[0.5], [1.5], [2.5]]
    assert read.signal is not None and len(read.signal) == 7
    assert vectors.load(tmp_path / "v.npz", [X], limit=2).count == 2


def test_a_leading_batch_of_one_may_be_there(tmp_path):
    path = saved(tmp_path / "v.npz", **{"in/x": np.zeros((3, 1, 4, 2), np.int8)})
    assert vectors.load(path, [X]).inputs["x"].shape == (3, 4, 2)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"in/y": np.zeros((3, 8), np.int8)}, "in/x: is missing"),
        ({"in/x": np.zeros((3, 8), np.uint8)}, "does not fit the model"),
        ({"in/x": np.zeros((3, 9), np.int8)}, "does not fit the model"),
        ({"in/x": np.int8(3)}, "does not fit the model"),
        ({"in/x": np.zeros((0, 8), np.int8)}, "are none"),
        ({"in/x": np.zeros((3, 8), np.int8), "label": np.zeros(2, int)}, "label: does not fit"),
        ({"in/x": np.zeros((3, 8), np.int8), "label": np.zeros(3)}, "label: does not fit"),
        ({"in/x": np.zeros((3, 8), np.int8), "signal": np.zeros(3)}, "signal: does not fit"),
        ({"in/x": np.zeros((3, 8), np.int8), "target": np.zeros(3)}, "target: does not fit"),
        ({"in/x": np.zeros((3, 8), np.int8), "target": np.zeros((2, 1), np.float32)}, "target: does not fit"),
    ],
)
def test_vectors_that_do_not_fit_are_refused(tmp_path, arrays, message):
    with pytest.raises(InputError, match=message):
        vectors.load(saved(tmp_path / "v.npz", **arrays), [X])


def test_nan_in_a_float_input_is_refused(tmp_path):
    info = X.model_copy(update={"dtype": "float32"})
    path = saved(tmp_path / "v.npz", **{"in/x": np.full((1, 8), np.nan, np.float32)})
    with pytest.raises(InputError, match="NaN"):
        vectors.load(path, [info])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x93NUMPY"])
def test_a_file_that_is_no_npz_is_refused(tmp_path, content):
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        vectors.load(tmp_path / "v.npz", [X])


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "v.npz", **{"in/x": np.array([{"a": 1}], object)})
    with pytest.raises(InputError, match="cannot be read"):
        vectors.load(tmp_path / "v.npz", [X])


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "v.npz"
    np.savez_compressed(path, **{"in/x": np.zeros((10_000, 8), np.int8)})
    monkeypatch.setattr(vectors, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match="more than 1000"):
        vectors.load(path, [X])


def test_random_vectors_cover_the_type_and_repeat_by_seed():
    first = vectors.random([X], 200, seed=3).inputs["x"]
    assert first.min() == -128 and first.max() == 127
    assert np.array_equal(first, vectors.random([X], 200, seed=3).inputs["x"])
    assert not np.array_equal(first, vectors.random([X], 200, seed=4).inputs["x"])


def test_random_floats_have_many_magnitudes() -> None:
    tensor = TensorInfo(name="x", dtype="float32", shape=[1, 4, 2])
    made = vectors.random([tensor], 200, seed=3).inputs["x"]
    spread = made.reshape(200, -1).std(axis=1)
    assert made.dtype == np.float32 and spread.min() < 0.1 and spread.max() > 10

"""Checkpoints of PyTorch: tensors come out, and nothing else can happen."""

import os
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgekit.errors import InputError
from edgekit.training.teachers import torch_file

from . import torch_writer as writer

WEIGHTS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b.c": np.float32([7.5])}


def read(data):
    return torch_file.read(data, "model_state", "x.pt")


def test_tensors_come_out_as_they_went_in():
    found = read(writer.checkpoint(WEIGHTS))
    assert list(found) == list(WEIGHTS)
    for key, array in WEIGHTS.items():
        np.testing.assert_array_equal(found[key], array)


def test_a_tensor_may_be_a_part_of_its_storage():
    tree = writer.section({"a": writer.tensor("s", (2, 2), offset=1, count=6)})
    found = read(writer.file(tree, {"s": np.arange(6, dtype="<f4")}))
    assert found["a"].tolist() == [[1, 2], [3, 4]]


class Malicious:
    def __reduce__(self):
        return os.system, ("touch /tmp/edgekit-was-here",)


@pytest.mark.parametrize(
    "tree",
    [
        pickle.dumps({"model_state": {"a": Malicious()}}, 2),
        b"\x80\x02" + writer.name("builtins", "eval") + b"(" + writer.text("1/0") + b"tR.",
        b"\x80\x02" + writer.name("torch", "load") + b".",
    ],
)
def test_a_pickle_that_asks_for_anything_else_is_refused_by_name_and_not_run(tree, monkeypatch):
    ran = []
    monkeypatch.setattr(os, "system", ran.append)
    with pytest.raises(
        InputError, match=r"asks for '(posix\.system|builtins\.eval|torch\.load)'.* not allowed"
    ):
        read(writer.file(tree, {}))
    assert not ran


def test_newer_instructions_and_other_forms_are_refused():
    with pytest.raises(InputError, match=r"instruction .* not allowed"):
        read(pickle.dumps({"model_state": {}}, 4))
    with pytest.raises(InputError, match="cannot be read"):
        read(b"PK\x03\x04 a zip file")


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        (writer.tensor("s", (2, 3), count=5), "larger than its storage"),
        (writer.tensor("s", (2, 3), offset=1), "larger than its storage"),
        (writer.tensor("s", (2, 3), strides=(1, 2)), "not contiguous"),
        (writer.tensor("s", (-2, 3), count=6), "malformed"),
        (writer.tensor("other", (2, 3)), "other|'s'"),
        (writer.tensor("s", (2, 3), kind="HalfStorage"), "asks for 'torch.HalfStorage'"),
        (writer.tensor("s", (1 << 30, 1 << 30), count=6), "larger than its storage"),
    ],
)
def test_tensors_outside_their_storage_are_refused(tensor, message):
    with pytest.raises(InputError, match=message):
        read(writer.file(writer.section({"a": tensor}), {"s": np.zeros(6, "<f4")}))


def test_a_file_that_is_cut_anywhere_is_refused():
    whole = writer.checkpoint(WEIGHTS)
    for end in range(0, len(whole), 7):
        with pytest.raises(InputError):
            read(whole[:end])


def test_a_missing_section_is_named():
    with pytest.raises(InputError, match="no section 'model_state'"):
        read(writer.file(writer.section({}, key="optimizer"), {}))


@settings(max_examples=300, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(0, 400))
def test_damaged_files_give_an_error_or_tensors(noise, place):
    whole = bytearray(writer.checkpoint(WEIGHTS))
    whole[place : place + len(noise)] = noise
    try:
        found = read(bytes(whole))
    except InputError:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())

"""The task on the board beside the PC: classes and values."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from edgekit.manifest import TensorInfo
from edgekit.pipeline.task import macro_f1, task
from edgekit.pipeline.vectors import Vectors
from tests.hil import toy_model


def exported(labels: list[str], elements: int):
    tensor = TensorInfo(name="y", dtype="int8", shape=[1, elements], scale=0.5, zero_point=-2)
    return toy_model.manifest().model_copy(update={"labels": labels, "outputs": [tensor]})


X = {"x": np.zeros((4, 1), np.int8)}


def test_classes():
    board = np.array([[9, 1, 0], [1, 9, 0], [0, 1, 9], [9, 1, 0]], np.int8)
    pc = np.array([[9, 1, 0], [1, 9, 0], [0, 1, 9], [1, 9, 0]], np.int8)
    found = task(
        exported(["a", "b", "c"], 3), Vectors(X, labels=np.array([0, 1, 2, 1])), {"y": board}, {"y": pc}
    )
    assert found is not None
    assert (found.metric, found.value, found.pc_value) == ("accuracy", 0.75, 1.0)
    assert found.macro_f1 == pytest.approx(f1_score([0, 1, 2, 1], [0, 1, 2, 0], average="macro"))
    assert found.pc_macro_f1 == 1.0
    assert found.confusion == [[1, 0, 0], [1, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("seed", range(5))
def test_macro_f1_is_that_of_scikit_learn(seed):
    generator = np.random.default_rng(seed)
    true, predicted = generator.integers(0, 4, (2, 12))
    confusion = np.bincount(true * 6 + predicted, minlength=36).reshape(6, 6)
    assert macro_f1(confusion) == pytest.approx(f1_score(true, predicted, average="macro"))


def test_values():
    targets = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
    pc = (targets / 0.5 - 2).astype(np.int8)
    board = pc + np.array([[0], [0], [2], [-2]], np.int8)
    found = task(exported([], 1), Vectors(X, targets=targets), {"y": board}, {"y": pc})
    assert found is not None and found.metric == "mean absolute error"
    assert (found.value, found.pc_value) == (0.5, 0.0)


def test_vectors_that_say_nothing_of_the_task():
    assert task(exported(["a"], 1), Vectors(X), {"y": np.zeros((4, 1))}, {"y": np.zeros((4, 1))}) is None

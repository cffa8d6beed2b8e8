"""The comparison: exact, element by element, and nothing cancels."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.hil.compare import MAX_DETAILS, Difference, compare


def test_equal_outputs():
    made = compare({"y": np.zeros((3, 1, 4), np.int8)}, {"y": np.zeros((3, 4), np.int8)})
    assert (made.equal, made.vectors, made.elements, made.max_abs_diff) == (True, 3, 12, 0)


def test_differences_of_opposite_sign_do_not_cancel():
    expected = np.zeros((2, 2), np.int8)
    got = np.array([[0, 0], [127, -128]], np.int8)
    made = compare({"y": got}, {"y": expected})
    assert (made.mismatched_elements, made.max_abs_diff, made.per_vector.tolist()) == (2, 128, [0, 2])
    assert made.differences[0] == Difference(1, "y", 0, 0, 127)


def test_the_widest_integers_do_not_wrap():
    info = np.iinfo(np.int32)
    made = compare({"y": np.array([[info.min]], np.int32)}, {"y": np.array([[info.max]], np.int32)})
    assert made.max_abs_diff == info.max - info.min


def test_several_outputs_add_up_by_vector():
    got = {"a": np.array([[1], [0]], np.int8), "b": np.array([[0.0, 0.0], [0.5, 0.0]], np.float32)}
    expected = {"a": np.zeros((2, 1), np.int8), "b": np.zeros((2, 2), np.float32)}
    made = compare(got, expected)
    assert (made.elements, made.per_vector.tolist(), made.max_abs_diff) == (6, [1, 1], 1.0)


def test_nan_equals_nan_only():
    nan = np.array([[np.nan, np.nan, np.inf]], np.float32)
    assert compare({"y": nan}, {"y": nan.copy()}).equal
    made = compare({"y": nan}, {"y": np.zeros((1, 3), np.float32)})
    assert made.mismatched_elements == 3
    assert made.max_abs_diff == float(np.finfo(np.float32).max)


def test_details_are_bounded():
    made = compare({"y": np.ones((9, 9), np.int8)}, {"y": np.zeros((9, 9), np.int8)})
    assert made.mismatched_elements == 81
    assert [d.vector for d in made.differences] == [0] * 9 + [1] * 9 + [2] * 2
    assert len(made.differences) == MAX_DETAILS


def test_nothing_compared_is_not_equal():
    assert not compare({"y": np.zeros((0, 4), np.int8)}, {"y": np.zeros((0, 4), np.int8)}).equal


@pytest.mark.parametrize(
    "expected",
    [
        {},
        {"z": np.zeros((1, 2), np.int8)},
        {"y": np.zeros((1, 2), np.uint8)},
        {"y": np.zeros((2, 2), np.int8)},
    ],
)
def test_what_cannot_be_compared_is_refused(expected):
    with pytest.raises(ValueError, match="y"):
        compare({"y": np.zeros((1, 2), np.int8)}, expected)

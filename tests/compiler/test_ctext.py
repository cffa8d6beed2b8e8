"""Numbers as C reads them back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgekit.compiler.emit import ctext
from edgekit.compiler.ops.base import Constant, Ref


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-128, "-128"),
        (2**31 - 1, "2147483647"),
        (-(2**31), "(-2147483647 - 1)"),
        (2**31, "2147483648U"),
        (-(2**31) - 1, "-2147483649LL"),
        (2**32, "4294967296LL"),
        (2**63, "9223372036854775808ULL"),
        (-(2**63), "(-9223372036854775807LL - 1)"),
    ],
)
def test_integers_have_a_type_that_holds_them(value: int, text: str) -> None:
    assert ctext.integer(value) == text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_read_back_as_the_same_float32(value: float) -> None:
    text = ctext.real(value)
    assert text.endswith("f") and ("." in text or "e" in text)
    assert np.float32(text[:-1]) == np.float32(value)


def test_a_float_without_a_literal_is_not_written() -> None:
    with pytest.raises(AssertionError, match="no literal"):
        ctext.real(float("nan"))


@given(st.lists(st.integers(-128, 127), min_size=1, max_size=300))
def test_arrays_are_wrapped_and_complete(values: list[int]) -> None:
    body = ctext.array(np.array(values, np.int8))
    assert max(map(len, body.splitlines())) <= ctext.LINE
    numbers = [v for v in body.strip("{}").replace("\n", "").split(",") if v]
    assert [int(v) for v in numbers] == values


def test_structures_nest() -> None:
    fields = {"a": 1, "on": True, "scale": 0.5, "w": Ref("weights"), "pair": [1, -2], "in": {"x": 3}}
    assert ctext.structure(fields, "n1_") == (
        "    .a = 1, .on = true, .scale = 0.5f, .w = n1_weights, .pair = {1, -2}, .in = {.x = 3},"
    )


def test_long_arrays_are_aligned_to_vectors_and_short_ones_to_words() -> None:
    assert ctext.alignment(Constant("w", np.zeros(256, np.int8))) == 16
    assert ctext.alignment(Constant("b", np.zeros(4, np.int8))) == 4
    assert ctext.alignment(Constant("b", np.zeros(4, np.int64))) == 8

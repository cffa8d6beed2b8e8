"""MUL by a vector as a linear form gives the portable kernel's bytes, for all pairs of values."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.variants.mul_linear_dsp import VARIANT
from tests.compiler.ops.harness import Case
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken
from tests.compiler.variants.test_mul_dsp import product


def cases(rng: np.random.Generator) -> list[Case]:
    made = [
        product(rng, (1, 2, rows, channels), (1, 1, 1, channels), zero_points=zeros, activation=activation)
        for rows, channels, zeros, activation in [
            (3, 8, (-128, -128, -128), 0),
            (1, 5, (-128, -128, -128), 1),
            (7, 3, (-128, -128, -128), 3),
            (4, 4, (127, 127, -128), 0),
        ]
    ]
    return [*made, *(product(rng, scales=(0.1, float(r) * 0.6, 0.6)) for r in (1e-12, 1e-5, 1e-3, 0.05, 0.2))]


def every_pair() -> Case:
    """Returns a product of all values with all values that has ties."""
    made = product(np.random.default_rng(0), (1, 256, 256), (256,), (0.1, 1 / 256, 0.1))
    values = np.arange(-128, 128, dtype=np.int8)
    made.vectors = [np.repeat(values, 256).reshape(1, 1, 256, 256), values.reshape(1, 256)]
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = [*cases(np.random.default_rng(1)), every_pair()]
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch)


def test_what_has_no_form_is_left_to_others() -> None:
    rng = np.random.default_rng(2)
    others = [
        product(rng, vector=(1, 3, 1, 5)),
        product(rng, scales=(0.1, 1 / 256, 0.1), zero_points=(3, -9, 5)),  # negative ties
        product(rng, scales=(1.0, 1.0, 1.0)),
    ]
    assert taken(VARIANT, others) == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    assert_board_equals_reference("mps2-an386", [joined(cases(np.random.default_rng(3)))], tmp_path)

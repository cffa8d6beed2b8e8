"""MUL by a vector gives the portable kernel's bytes."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.variants.mul_dsp import VARIANT
from tests.compiler.ops.harness import Case, case
from tests.compiler.tflite_writer import Op, T
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken


def product(
    rng: np.random.Generator,
    rows: tuple[int, ...] = (1, 3, 4, 5),
    vector: tuple[int, ...] = (1, 1, 1, 5),
    scales: tuple[float, float, float] = (0.1, 0.01, 0.06),
    zero_points: tuple[int, int, int] = (-128, -128, -128),
    activation: int = 0,
    swapped: bool = False,
) -> Case:
    names = ["b", "a"] if swapped else ["a", "b"]
    tensors = [
        T(name, shape, scale=scale, zero_point=zero)
        for name, shape, scale, zero in zip("aby", (rows, vector, rows), scales, zero_points, strict=True)
    ]
    op = Op("MUL", names, ["y"], {"fused_activation_function": activation}, version=2)
    return case(f"{rows} {vector} {scales} {zero_points} {activation}", tensors, op, rng, vectors=6)


def cases(rng: np.random.Generator) -> list[Case]:
    made = [
        product(rng, zero_points=zeros, activation=activation, swapped=swapped)
        for zeros in [(-128, -128, -128), (127, 127, 127), (3, -128, -7), (-128, 127, 0)]
        for activation, swapped in [(0, False), (1, True), (3, False)]
    ]
    made += [
        product(rng, scales=(0.1, float(r) * 0.6, 0.6), vector=(5,)) for r in 10.0 ** np.linspace(-5, 0, 6)
    ]
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch)


def test_other_shapes_and_large_ratios_are_left_to_the_portable_kernel() -> None:
    rng = np.random.default_rng(2)
    others = [
        product(rng, vector=(1, 3, 1, 5)),
        product(rng, vector=(1, 1, 1, 1)),
        product(rng, vector=(1, 3, 4, 5)),
        product(rng, scales=(1.0, 1.0, 1.0)),
    ]
    assert taken(VARIANT, others) == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    assert_board_equals_reference("mps2-an386", [joined(cases(np.random.default_rng(3)))], tmp_path)

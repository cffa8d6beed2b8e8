"""MINIMUM and MAXIMUM equal both oracles, with broadcasting and constants."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T


def extremum(
    rng: np.random.Generator,
    op: str,
    first: tuple[int, ...],
    second: tuple[int, ...],
    constant: int | None = None,
    scale: float = 0.1,
) -> Case:
    shape = np.broadcast_shapes(first, second)
    tensors = [
        T("a", first, scale=0.1, zero_point=3),
        T("b", second, scale=0.1, zero_point=3),
        T("y", shape, scale=scale, zero_point=3),
    ]
    if constant is not None:
        tensors[constant].data = rng.integers(-128, 128, tensors[constant].shape)
    name = f"{op} {first} {second} constant {constant}"
    return case(name, tensors, Op(op, ["a", "b"], ["y"], version=2), rng)


def test_every_broadcast_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    shapes = [
        ((1, 5), (1, 5)),
        ((1, 3, 4, 5), (5,)),
        ((1,), (1, 3, 4, 5)),
        ((1, 3, 1, 5), (1, 1, 4, 1)),
        ((2, 3, 4, 5), (1, 3, 1, 5)),
    ]
    cases = [
        extremum(rng, op, *pair, constant=constant)
        for op in ("MINIMUM", "MAXIMUM")
        for pair in shapes
        for constant in (None, 0, 1)
    ]
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize("op", ["MINIMUM", "MAXIMUM"])
def test_what_cannot_be_compiled_is_refused(op: str) -> None:
    made = extremum(np.random.default_rng(2), op, (1, 3), (1, 3), scale=0.2)
    assert any("differ in quantisation" in problem for problem in problems(made.model))

"""LOGICAL_AND equals the oracles."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T


def both(
    rng: np.random.Generator, first: tuple[int, ...], second: tuple[int, ...], kind: str = "bool"
) -> Case:
    tensors = [
        T("a", first, kind),
        T("b", second, "bool"),
        T("y", np.broadcast_shapes(first, second), "bool"),
    ]
    return case(f"{first} {second}", tensors, Op("LOGICAL_AND", ["a", "b"], ["y"]), rng)


def test_every_broadcast_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(0)
    shapes = [
        ((1, 7), (1, 7)),
        ((1, 3, 4, 5), (1, 3, 4, 5)),
        ((1, 3, 4, 5), (1, 1, 4, 5)),
        ((1, 3, 1, 5), (1, 1, 4, 1)),
        ((2, 3), (1, 1)),
    ]
    assert_exact([both(rng, a, b) for a, b in shapes], tmp_path)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda rng: both(rng, (1, 3), (1, 3), "int8"), "element type"),
        (lambda rng: both(rng, (2, 1, 2, 1, 2, 1), (1, 2, 1, 2, 1, 2)), "too many separate axes"),
    ],
)
def test_what_cannot_be_compiled_is_refused(made, message: str) -> None:
    assert any(message in problem for problem in problems(made(np.random.default_rng(1)).model))


def test_a_constant_operand_is_refused() -> None:
    tensors = [T("a", (1, 3), "bool"), T("b", (1, 3), "bool", data=[1, 0, 1]), T("y", (1, 3), "bool")]
    made = case("constant", tensors, Op("LOGICAL_AND", ["a", "b"], ["y"]), np.random.default_rng(2))
    assert any("operand 'b' is constant" in problem for problem in problems(made.model))

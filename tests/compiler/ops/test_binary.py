"""PRELU, SQUARED_DIFFERENCE, DIV and the comparisons equal both oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems, run_kernels
from tests.compiler.ops.unary import zero_point
from tests.compiler.tflite_writer import Op, T

COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
SCALES = (0.1, 0.07, 0.12)
SHAPES = [
    ((1, 3, 4, 5), (1, 3, 4, 5)),
    ((1, 3, 4, 5), (1, 1, 5)),
    ((1, 3, 4, 5), (1,)),
    ((2, 3, 4, 5), (1, 3, 1, 5)),
]


def binary(
    rng: np.random.Generator,
    op: str,
    first: tuple[int, ...],
    second: tuple[int, ...],
    scales: tuple[float, float, float] = SCALES,
    points: tuple[int, int, int] = (3, -7, 11),
    constant: int | None = None,
    activation: int = 0,
    **output: Any,
) -> Case:
    if op == "DIV" and scales == SCALES:
        scales = (0.1, 0.07, 0.012)
    made: dict[str, Any] = {"scale": scales[2], "zero_point": points[2]}
    if op in COMPARISONS:
        made = {"dtype": "bool"}
    tensors = [
        T("a", first, scale=scales[0], zero_point=points[0]),
        T("b", second, scale=scales[1], zero_point=points[1]),
        T("y", np.broadcast_shapes(first, second), **{**made, **output}),
    ]
    if constant is not None:
        tensors[constant].data = rng.integers(-128, 128, tensors[constant].shape)
        if op == "DIV":
            tensors[constant].data = nonzero(tensors[constant].data, points[constant])
    version = 1 if op in ("PRELU", "SQUARED_DIFFERENCE") else 2
    options = {"fused_activation_function": activation} if op == "DIV" else {}
    name = f"{op} {first} {second} {scales} {points} constant {constant}"
    made_case = case(name, tensors, Op(op, ["a", "b"], ["y"], options, version=version), rng)
    if op == "DIV" and constant != 1:
        made_case.vectors[-1] = nonzero(made_case.vectors[-1], points[1])
    return made_case


def nonzero(values: np.ndarray, point: int) -> np.ndarray:
    """Returns values without the one that stands for 0: the references cannot divide by it."""
    return np.where(values == point, point + (1 if point < 127 else -1), values).astype(np.int8)


def test_every_broadcast_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op in ("PRELU", "SQUARED_DIFFERENCE", "DIV", *COMPARISONS):
        for shapes in SHAPES:
            cases.append(binary(rng, op, *shapes))
            cases.append(binary(rng, op, *shapes, constant=1))
        if op != "PRELU":
            cases.append(binary(rng, op, *SHAPES[3][::-1], constant=0))
    assert_exact(cases, tmp_path)


def test_any_scales_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    shape = (16, 64)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 30):
        first, second = (float(s) for s in 10.0 ** rng.uniform(-3, -0.1, 2))
        points = (zero_point(rng), zero_point(rng), zero_point(rng))
        made = first / second / 10.0 ** rng.uniform(2, 5)
        quotient = (first, second, float(made))  # below 100, the references' shifts leave 31 bits
        squared = max(first, second) ** 2
        cases += [
            binary(rng, "PRELU", shape, shape, (first, second, float(first / ratio)), points),
            binary(rng, "SQUARED_DIFFERENCE", shape, shape, (first, second, float(squared / ratio)), points),
            binary(rng, "DIV", shape, shape, quotient, points, activation=int(rng.integers(4))),
            binary(rng, str(rng.choice(COMPARISONS)), shape, shape, (first, second, 1.0), points),
        ]
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("op", "changes", "message"),
    [
        ("PRELU", {"scale": 1e-9}, "out of proportion"),
        ("SQUARED_DIFFERENCE", {"scale": 1e-9}, "out of proportion"),
        ("DIV", {"scale": 1e-9}, "out of proportion"),
        ("LESS", {"dtype": "int8"}, "element type"),
    ],
)
def test_what_cannot_be_compiled_is_refused(op: str, changes: dict[str, Any], message: str) -> None:
    made = binary(np.random.default_rng(3), op, (1, 3), (1, 3), **changes)
    assert any(message in problem for problem in problems(made.model))


def test_division_by_zero_saturates_and_a_small_quotient_is_zero(tmp_path) -> None:
    rng = np.random.default_rng(5)
    made = binary(rng, "DIV", (1, 4), (1, 4), (0.1, 0.1, 1.0), (0, 0, 5))
    made.vectors = [np.array([[[7, -7, 0, 1]]], np.int8), np.array([[[0, 0, 0, 127]]], np.int8)]
    assert run_kernels([(made, "litert")], tmp_path)[0][""][0].reshape(-1).tolist() == [127, -128, 5, 5]


def test_a_comparison_of_a_scale_above_1_is_refused() -> None:
    made = binary(np.random.default_rng(4), "LESS", (1, 3), (1, 3), (1.5, 0.1, 1.0))
    assert any("out of range" in problem for problem in problems(made.model))

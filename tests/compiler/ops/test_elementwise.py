"""ADD, SUB and MUL equal both oracles, with broadcasting, constants and any proportion of scales."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.ops.unary import zero_point
from tests.compiler.tflite_writer import Op, T

OPS = ("ADD", "SUB", "MUL")


def binary(
    rng: np.random.Generator,
    op: str,
    first: tuple[int, ...],
    second: tuple[int, ...],
    scales: tuple[float, float, float] = (0.1, 0.07, 0.12),
    points: tuple[int, int, int] = (3, -7, 11),
    activation: int = 0,
    constant: int | None = None,
    output: tuple[int, ...] | None = None,
    vectors: int = 4,
) -> Case:
    shape = output or np.broadcast_shapes(first, second)
    tensors = [
        T(name, s, scale=scale, zero_point=point)
        for name, s, scale, point in zip("aby", (first, second, shape), scales, points, strict=True)
    ]
    if constant is not None:
        tensors[constant].data = rng.integers(-128, 128, tensors[constant].shape)
    options = {"fused_activation_function": activation}
    name = f"{op} {first} {second} {scales} {points} act {activation} constant {constant}"
    return case(name, tensors, Op(op, ["a", "b"], ["y"], options, version=2), rng, vectors=vectors)


@pytest.mark.parametrize("op", OPS)
def test_every_broadcast_equals_the_oracles(op: str, tmp_path) -> None:
    rng = np.random.default_rng(1)
    shapes = [
        ((1, 5), (1, 5)),
        ((1, 3, 4, 5), (1, 3, 4, 5)),
        ((1, 3, 4, 5), (1, 1, 1, 5)),
        ((1, 1, 1, 5), (1, 3, 4, 5)),
        ((1, 3, 4, 5), (1, 3, 4, 1)),
        ((1, 3, 1, 5), (1, 1, 4, 1)),
        ((2, 3, 4, 5), (1, 3, 1, 5)),
        ((1, 3, 4, 5), (5,)),
        ((1, 3, 4, 5), (1,)),
        ((1, 1), (1, 7)),
        ((3, 4, 5), (4, 1)),
    ]
    cases = [binary(rng, op, *pair) for pair in shapes]
    cases += [binary(rng, op, *pair, constant=i) for pair in shapes[1:9] for i in (0, 1)]
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize("op", OPS)
def test_any_scales_zero_points_and_activations_equal_the_oracles(op: str, tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in 10.0 ** np.linspace(-5, 3, 60):
        first, second = (float(s) for s in 10.0 ** rng.uniform(-2, 0.5, 2))
        output = first * second / ratio if op == "MUL" else first / ratio
        scales = (first, second, float(output))
        points = (zero_point(rng), zero_point(rng), zero_point(rng))
        activation = int(rng.integers(4))
        cases.append(binary(rng, op, (16, 64), (16, 64), scales, points, activation, vectors=2))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize("op", OPS)
def test_a_tensor_with_itself(op: str, tmp_path) -> None:
    tensors = [T("x", (1, 9), scale=0.1, zero_point=5), T("y", (1, 9), scale=0.3, zero_point=-5)]
    assert_exact(
        [case(op, tensors, Op(op, ["x", "x"], ["y"], version=2), np.random.default_rng(3))], tmp_path
    )


def test_what_cannot_be_compiled_is_refused() -> None:
    rng = np.random.default_rng(4)
    deep, thin = (2, 2, 2, 2, 2), (1, 2, 1, 2, 1)
    for made, message in [
        (binary(rng, "ADD", (1, 3), (1, 3), output=(1, 4)), "do not match"),
        (binary(rng, "ADD", (1, 3), (1, 3), scales=(1.0, 1.0, 1e-7)), "out of proportion"),
        (binary(rng, "SUB", (1, 3), (1, 3), scales=(1.0, 1.0, 1e-7)), "out of proportion"),
        (binary(rng, "MUL", (1, 3), (1, 3), scales=(1e3, 1e3, 1e-3)), "out of proportion"),
        (binary(rng, "MUL", (1, 3), (1, 3), activation=5), "fused activation"),
        (binary(rng, "MUL", deep, thin), "too many separate axes"),
        (binary(rng, "MUL", (1, 3), (1, 3), points=(0, 0, -129)), "no usable quantisation"),
    ]:
        assert any(message in problem for problem in problems(made.model)), message

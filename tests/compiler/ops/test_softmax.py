"""SOFTMAX equals both oracles over depths, scales and betas."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T


def softmax(
    rng: np.random.Generator,
    shape: tuple[int, ...] = (1, 10),
    scale: float = 0.1,
    beta: float = 1.0,
    point: int = 4,
    output: tuple[float, int] = (1 / 256, -128),
    vectors: int = 6,
) -> Case:
    tensors = [
        T("x", shape, scale=scale, zero_point=point),
        T("y", shape, scale=output[0], zero_point=output[1]),
    ]
    op = Op("SOFTMAX", ["x"], ["y"], {"beta": beta}, version=2)
    made = case(f"{shape} scale {scale} beta {beta}", tensors, op, rng, vectors=vectors)
    made.vectors[0][1] = 7  # all classes equal
    return made


def test_every_depth_and_scale_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = [
        softmax(rng, shape)
        for shape in [(1, 1), (1, 2), (1, 12), (3, 5), (2, 3, 4), (1, 2, 2, 7), (9,), (1, 300)]
    ]
    for scale in 2.0 ** np.linspace(-14, 6, 60):
        beta = float(rng.choice([0.5, 1.0, 1.0, 3.3]))
        cases.append(softmax(rng, (4, 16), float(scale), beta, int(rng.integers(-128, 128))))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"output": (1 / 128, -128)}, "does not allow"),
        ({"output": (1 / 256, 0)}, "does not allow"),
        ({"beta": 0.0}, "beta is out of range"),
        ({"beta": float("inf")}, "beta is out of range"),
        ({"beta": 1e-9}, "beta is out of range"),
        ({"shape": (1, 4096)}, "wrong shape"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: dict, message: str) -> None:
    assert any(message in problem for problem in problems(softmax(np.random.default_rng(2), **case).model))

"""ABS, NEG, EXP, LOG, SQRT, RSQRT and ELU equal the oracles on all inputs that these accept."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, problems, run_kernels
from tests.compiler.ops.unary import unary, zero_point

WITNESSES = {"ABS": PROFILES, "EXP": ("litert",), "LOG": ("litert",), "ELU": ("tflm",)}
ROOTS = {"SQRT": ("litert",), "RSQRT": PROFILES}


def test_functions_of_every_input(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op, profiles in WITNESSES.items():
        for _ in range(25):
            scale = float(2.0 ** rng.uniform(-9, -2))
            made = float(scale * 2.0 ** rng.uniform(-3, 5))
            cases.append(unary(op, scale, zero_point(rng), made, zero_point(rng), None, profiles))
    for ratio in 10.0 ** np.linspace(-6, 3, 20):
        cases.append(unary("ABS", 0.1, zero_point(rng), float(0.1 / ratio), zero_point(rng)))
    for point in (-127, 0, 5, 127):
        case = unary("NEG", 0.1, point, 0.1, -point, None, ("litert",), version=1)
        case.vectors = [np.maximum(case.vectors[0], -127)]
        cases.append(case)
    assert_exact(cases, tmp_path)


def root(op: str, scale: float, point: int, made: float, made_point: int) -> Case:
    """Returns a case over every input that is not negative."""
    case = unary(op, scale, point, made, made_point, None, ROOTS[op])
    case.vectors = [np.maximum(case.vectors[0], point).astype(np.int8)]
    return case


def test_roots_of_every_input_that_is_not_negative(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for op in ROOTS:
        for _ in range(30):
            scale = float(2.0 ** rng.uniform(-9, 3))
            inner = scale**-0.5 if op == "RSQRT" else (255 * scale) ** 0.5
            made = float(inner * 2.0 ** rng.uniform(-9, 0))
            cases.append(root(op, scale, zero_point(rng), made, zero_point(rng)))
    assert_exact(cases, tmp_path)


def test_where_the_references_stop_or_overflow(tmp_path) -> None:
    cases = [
        unary("SQRT", 0.1, 0, 0.1, -128),
        unary("RSQRT", 0.1, 0, 0.1, -128),
        unary("EXP", 1.0, 0, 0.01, -128),
        unary("NEG", 0.1, 10, 0.2, -20),
    ]
    square_root, inverse, exp, negated = (
        found[""][0].reshape(-1) for found in run_kernels([(case, "litert") for case in cases], tmp_path)
    )
    assert (square_root[:129] == -128).all()  # 0 for what is negative
    assert (inverse[:129] == 127).all()
    assert (exp[192:] == 127).all()
    expected = np.rint((10 - np.arange(-128, 128)) / 2 - 20)
    assert np.abs(negated - expected).max() <= 1


@pytest.mark.parametrize("op", ["EXP", "LOG", "ELU"])
def test_an_input_scale_out_of_range_is_refused(op: str) -> None:
    assert any("out of range" in problem for problem in problems(unary(op, 8.0, 0, 0.1, 0).model))


@pytest.mark.parametrize("op", ["ABS", "NEG", "SQRT", "RSQRT", "ELU"])
def test_scales_out_of_proportion_are_refused(op: str) -> None:
    assert any("out of proportion" in problem for problem in problems(unary(op, 1.0, 0, 1e-12, 0).model))

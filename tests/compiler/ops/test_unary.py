"""LOGISTIC, TANH, HARD_SWISH, RELU and its relatives and QUANTIZE equal both oracles on all inputs."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import assert_exact, problems
from tests.compiler.ops.unary import unary, zero_point


def test_saturating_functions(tmp_path) -> None:
    rng = np.random.default_rng(1)
    scales = [*(2.0 ** rng.uniform(-12, 2, 90)), 1 / 256, 1 / 16, 0.5, 7.9, 3e-6]
    cases = [unary("LOGISTIC", float(s), zero_point(rng), 1 / 256, -128) for s in scales]
    cases += [unary("TANH", float(s), zero_point(rng), 1 / 128, 0) for s in scales]
    assert_exact(cases, tmp_path)


def test_rescaling_functions(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for op in ("RELU", "RELU6", "RELU_N1_TO_1", "QUANTIZE", "LEAKY_RELU"):
        for ratio in [*(10.0 ** np.linspace(-6, 3, 40)), 0.5, 2.0, 1.0]:
            scale = float(10.0 ** rng.uniform(-2, 0))
            options = {"alpha": float(rng.choice([0.0, 0.01, 0.2, 1.0]))} if op == "LEAKY_RELU" else None
            profiles = ("litert",) if op in ("RELU6", "RELU_N1_TO_1") else ("litert", "tflm")
            version = 1 if op == "RELU_N1_TO_1" else 2
            made = float(scale / ratio)
            cases.append(unary(op, scale, zero_point(rng), made, zero_point(rng), options, profiles, version))
    assert_exact(cases, tmp_path)


def test_relu6_of_equal_scales_equals_tflm(tmp_path) -> None:
    rng = np.random.default_rng(3)
    cases = []
    for scale in rng.uniform(0.05, 0.4, 20):
        point = int(rng.integers(-128, 120 - int(6 / scale)))
        cases.append(unary("RELU6", float(scale), point, float(scale), point))
    assert_exact(cases, tmp_path)


def test_hard_swish(tmp_path) -> None:
    rng = np.random.default_rng(4)
    cases = []
    for _ in range(60):
        scale = float(2.0 ** rng.uniform(-8, 1))
        output_scale = float(scale * 2.0 ** rng.uniform(-5, 3))
        cases.append(unary("HARD_SWISH", scale, zero_point(rng), output_scale, zero_point(rng), version=1))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (unary("LOGISTIC", 0.1, 0, 1 / 128, -128), "does not allow"),
        (unary("LOGISTIC", 0.1, 0, 1 / 256, 0), "does not allow"),
        (unary("LOGISTIC", 8.0, 0, 1 / 256, -128), "out of range"),
        (unary("LOGISTIC", 1e-12, 0, 1 / 256, -128), "out of range"),
        (unary("TANH", 0.1, 0, 1 / 256, 0), "does not allow"),
        (unary("RELU", 1e20, 0, 1e-3, 0), "out of proportion"),
        (unary("QUANTIZE", 0.1, 0, 0.1, 128), "no usable quantisation"),
        (unary("HARD_SWISH", 200.0, 0, 0.5, 0), "out of proportion"),
        (unary("LEAKY_RELU", 0.1, 0, 0.1, 0, {"alpha": float("nan")}), "alpha is out of range"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model))

"""L2_NORMALIZATION and LOG_SOFTMAX equal both oracles."""

from __future__ import annotations

import numpy as np

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.ops.unary import zero_point
from tests.compiler.tflite_writer import Op, T

OUTPUTS = {"L2_NORMALIZATION": (1 / 128, 0), "LOG_SOFTMAX": (1 / 16, 127)}


def normalized(
    rng: np.random.Generator,
    op: str,
    shape: tuple[int, ...],
    scale: float,
    point: int,
    output: tuple[float, int] | None = None,
    vectors: int = 6,
) -> Case:
    made, made_point = output or OUTPUTS[op]
    tensors = [
        T("x", shape, scale=scale, zero_point=point),
        T("y", shape, scale=made, zero_point=made_point),
    ]
    options = {"fused_activation_function": 0} if op == "L2_NORMALIZATION" else {}
    node = Op(op, ["x"], ["y"], options, version=2)
    found = case(f"{op} {shape} {scale} {point}", tensors, node, rng, vectors=vectors)
    found.vectors[0][1] = point  # nothing but zeros
    found.vectors[0][2] = np.clip(point + rng.integers(-2, 3, shape), -128, 127)
    return found


def test_any_shape_and_scale_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op in OUTPUTS:
        for shape in ((1, 1), (1, 2), (1, 10), (2, 3, 5), (1, 3, 4, 7), (1, 2048)):
            cases.append(normalized(rng, op, shape, 0.1, zero_point(rng)))
    for scale in 10.0 ** np.linspace(-5, 1.3, 60):
        cases.append(normalized(rng, "LOG_SOFTMAX", (4, 12), float(scale), zero_point(rng)))
    for depth in rng.integers(1, 2000, 20):
        cases.append(normalized(rng, "LOG_SOFTMAX", (1, int(depth)), 0.02, 0))
        cases.append(normalized(rng, "L2_NORMALIZATION", (1, int(depth)), 0.02, zero_point(rng)))
    assert_exact(cases, tmp_path)


def test_what_cannot_be_compiled_is_refused() -> None:
    rng = np.random.default_rng(2)
    for made, message in [
        (normalized(rng, "L2_NORMALIZATION", (1, 3), 0.1, 0, (1 / 64, 0)), "does not allow"),
        (normalized(rng, "LOG_SOFTMAX", (1, 3), 0.1, 0, (1 / 16, 0)), "does not allow"),
        (normalized(rng, "LOG_SOFTMAX", (1, 3), 1e-9, 0), "input scale is out of range"),
        (normalized(rng, "LOG_SOFTMAX", (1, 4096), 0.1, 0), "wrong shape"),
    ]:
        assert any(message in problem for problem in problems(made.model)), message

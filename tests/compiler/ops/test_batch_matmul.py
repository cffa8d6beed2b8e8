"""BATCH_MATMUL equals both oracles over shapes, broadcasts, transposes and scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T

LITERT = ("litert",)


def product(
    rng: np.random.Generator,
    batches: tuple[tuple[int, ...], tuple[int, ...]] = ((2,), (2,)),
    sizes: tuple[int, int, int] = (3, 7, 4),  # rows, depth, columns
    adjoint: tuple[bool, bool] = (False, False),
    constant: str = "",
    scales: tuple[float, float, float] = (0.1, 0.02, 0.3),
    zero_points: tuple[int, int, int] = (3, -7, 10),
    profiles: tuple[str, ...] = PROFILES,
    **changes: Any,
) -> Case:
    rows, depth, columns = sizes
    left = (depth, rows) if adjoint[0] else (rows, depth)
    right = (columns, depth) if adjoint[1] else (depth, columns)
    made = np.broadcast_shapes(*batches)
    tensors = {
        "x": T("x", (*batches[0], *left), scale=scales[0], zero_point=zero_points[0]),
        "w": T("w", (*batches[1], *right), scale=scales[1], zero_point=zero_points[1]),
        "y": T("y", (*made, rows, columns), scale=scales[2], zero_point=zero_points[2]),
    }
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        setattr(tensors[name], attribute, value)
    for name in constant:
        tensors[name].data = rng.integers(-128, 128, tensors[name].shape)
    options = {"adj_x": adjoint[0], "adj_y": adjoint[1]}
    label = f"{batches} {sizes} {adjoint} constant {constant!r} {scales} {zero_points}"
    op = Op("BATCH_MATMUL", ["x", "w"], ["y"], options, version=4)
    return case(label, list(tensors.values()), op, rng, profiles=profiles)


def test_every_shape_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = [
        product(rng, batches, (3, 7, 4), (bool(index & 1), bool(index & 2)), constant)
        for index in range(4)
        for batches in [((), ()), ((2,), (2,)), ((1,), (3,)), ((2, 1), (1, 3)), ((2, 3), (3,))]
        for constant in ("", "w")
    ]
    cases += [
        product(rng, sizes=(1, 1, 1)),
        product(rng, sizes=(1, 300, 2), constant="w"),
        product(rng, ((2, 1, 2), (2, 3, 1)), profiles=LITERT),
        product(rng, constant="x"),
        product(rng, ((1,), (3,)), adjoint=(True, False), constant="x"),
    ]
    assert_exact(cases, tmp_path)


def test_any_scale_ratio_and_zero_point_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 28):
        output_scale, scale = (float(v) for v in 10.0 ** rng.uniform(-2, 1, 2))
        scales = (scale, float(ratio * output_scale / scale), output_scale)
        points = tuple(int(rng.choice([-128, 0, 5, 127])) for _ in range(3))
        cases.append(product(rng, scales=scales, zero_points=points, constant=str(rng.choice(["", "w"]))))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_dtype": "int16"}, "element type that is not supported"),
        ({"constant": "xw"}, "both of its inputs are constant"),
        ({"x_shape": (7,)}, "two to five dimensions"),
        ({"x_shape": (2, 3, 8)}, "do not match"),
        ({"x_shape": (3, 3, 7)}, "do not match"),
        ({"y_shape": (2, 4, 3)}, "do not match"),
        ({"scales": (3e38, 3e38, 1e-45)}, "out of proportion"),
        ({"sizes": (1, 50_000, 1), "zero_points": (127, -128, 0)}, "may leave 32 bit"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    assert any(message in p for p in problems(product(np.random.default_rng(3), **changes).model))

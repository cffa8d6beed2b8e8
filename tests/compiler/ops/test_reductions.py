"""SUM, REDUCE_MAX, REDUCE_MIN, ARG_MAX and ARG_MIN equal the oracles over any axes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems
from tests.compiler.ops.unary import zero_point
from tests.compiler.tflite_writer import Op, T

ORACLES = {"SUM": ("tflm",), "REDUCE_MAX": PROFILES, "REDUCE_MIN": PROFILES}


def reduced(
    rng: np.random.Generator,
    op: str,
    shape: tuple[int, ...],
    axes: tuple[int, ...],
    keep: bool = False,
    scales: tuple[float, float] = (0.1, 0.1),
    points: tuple[int, int] = (3, 3),
) -> Case:
    gone = {axis % len(shape) for axis in axes}
    output = [1 if i in gone else n for i, n in enumerate(shape) if keep or i not in gone]
    tensors = [
        T("x", shape, scale=scales[0], zero_point=points[0]),
        T("axes", (len(axes),), "int32", data=axes),
        T("y", output, scale=scales[1], zero_point=points[1]),
    ]
    name = f"{op} {shape} over {axes} keep {keep} {scales} {points}"
    made = Op(op, ["x", "axes"], ["y"], {"keep_dims": keep}, version=2)
    return case(name, tensors, made, rng, profiles=ORACLES[op])


def arg(rng: np.random.Generator, op: str, shape: tuple[int, ...], axis: int, **changes: Any) -> Case:
    rest = [extent for i, extent in enumerate(shape) if i != axis % len(shape)]
    tensors = [
        T("x", shape, scale=0.1, zero_point=3),
        T("axis", (), "int32", data=axis),
        T("y", changes.get("output", rest), changes.get("dtype", "int32")),
    ]
    made = Op(op, ["x", "axis"], ["y"], {"output_type": 2})
    return case(f"{op} {shape} along {axis}", tensors, made, rng)


def test_every_set_of_axes_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op in ORACLES:
        for count in (1, 2, 3):
            for axes in itertools.combinations(range(4), count):
                keep = bool(rng.integers(2))
                cases.append(
                    reduced(rng, op, (2, 3, 4, 5), axes, keep, (0.1, 1.7) if op == "SUM" else (1, 1))
                )
        cases.append(reduced(rng, op, (1, 40), (-1,), True))
        cases.append(reduced(rng, op, (6, 5, 4), (0, 2)))
    assert_exact(cases, tmp_path)


def test_sums_of_any_scales_equal_tflm(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 20):
        scales = (0.1, float(0.1 / ratio))
        points = (zero_point(rng), zero_point(rng))
        cases.append(reduced(rng, "SUM", (1, int(rng.integers(1, 30)), 7), (1,), True, scales, points))
    assert_exact(cases, tmp_path)


def test_arg_equals_the_oracles_on_any_axis(tmp_path) -> None:
    rng = np.random.default_rng(3)
    shapes = [((1, 12), 1), ((1, 12), -1), ((3, 4, 5), 0), ((3, 4, 5), 1), ((2, 3, 4, 5), -2), ((7,), 0)]
    assert_exact([arg(rng, op, *given) for op in ("ARG_MAX", "ARG_MIN") for given in shapes], tmp_path)


def test_what_cannot_be_compiled_is_refused() -> None:
    rng = np.random.default_rng(4)
    for made, message in [
        (reduced(rng, "SUM", (2, 3), (1,), scales=(1.0, 1e-9)), "out of proportion"),
        (reduced(rng, "SUM", (2, 3), (2,)), "axes are out of range"),
        (reduced(rng, "REDUCE_MAX", (2, 3), (1,), scales=(1.0, 2.0)), "differ in quantisation"),
        (arg(rng, "ARG_MAX", (2, 3), 2), "not a constant within"),
        (arg(rng, "ARG_MAX", (2, 3), 1, output=(3,)), "output shape does not follow"),
        (arg(rng, "ARG_MIN", (2, 3), 1, dtype="int64"), "element type"),
    ]:
        assert any(message in problem for problem in problems(made.model)), message

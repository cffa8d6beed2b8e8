"""MEAN equals both oracles over any axes and scales."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.ops.unary import zero_point
from tests.compiler.tflite_writer import Op, T


def mean(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    axes: tuple[int, ...],
    keep: bool = False,
    scales: tuple[float, float] = (0.1, 0.1),
    points: tuple[int, int] = (3, 3),
    **changes: Any,
) -> Case:
    reduced = {axis % len(shape) for axis in axes}
    output = [1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced]
    tensors = [
        T("x", shape, scale=scales[0], zero_point=points[0]),
        T("axes", (len(axes),), "int32", data=axes),
        T("y", output, scale=scales[1], zero_point=points[1]),
    ]
    by_name = {tensor.name: tensor for tensor in tensors}
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        setattr(by_name[name], attribute, value)
    name = f"{shape} over {axes} keep {keep} {scales} {points}"
    return case(name, tensors, Op("MEAN", ["x", "axes"], ["y"], {"keep_dims": keep}, version=2), rng)


def test_every_set_of_axes_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = [
        mean(rng, (2, 3, 4, 5), axes, keep, points=(zero_point(rng), zero_point(rng)))
        for count in (1, 2, 3)
        for axes in itertools.combinations(range(4), count)
        for keep in (True, False)
    ]
    cases += [
        mean(rng, (1, 1, 200, 24), (1, 2), True),
        mean(rng, (1, 7, 9, 6), (2, 1)),
        mean(rng, (1, 7, 9, 6), (-2, -3)),
        mean(rng, (1, 7, 9, 6), (1, 1)),
        mean(rng, (1, 40), (1,), True),
        mean(rng, (6, 5, 4), (0, 2)),
    ]
    assert_exact(cases, tmp_path)


def test_any_scale_ratio_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in [*(10.0 ** np.linspace(-6, 3, 50)), 1.0, 0.5, 2.0, 0.25]:
        scale = float(10.0 ** rng.uniform(-2, 0))
        shape = (1, int(rng.integers(1, 9)), int(rng.integers(1, 9)), 7)
        points = (zero_point(rng), zero_point(rng))
        cases.append(mean(rng, shape, (1, 2), True, (scale, float(scale / ratio)), points))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axes_data": (4, 1)}, "axes are out of range"),
        ({"axes_data": (-5, 1)}, "axes are out of range"),
        ({"axes_data": (1, 2), "axes_dtype": "int64"}, "no constant list"),
        ({"y_shape": (2, 4)}, "output shape does not follow"),
        ({"y_scale": 1e-12}, "out of proportion"),
        ({"y_dtype": "int32"}, "element type"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    made = mean(np.random.default_rng(3), (2, 3, 4, 5), (1, 2), **changes)
    assert any(message in problem for problem in problems(made.model))


def test_too_many_separate_axes_are_refused() -> None:
    made = mean(np.random.default_rng(4), (2, 2, 2, 2, 2, 2, 2, 2), (0, 2, 4, 6))
    assert any("too many separate groups" in problem for problem in problems(made.model))

"""GELU equals LiteRT for every int8 input."""

from __future__ import annotations

import numpy as np

from tests.compiler.ops.harness import assert_exact, problems
from tests.compiler.ops.unary import unary, zero_point
from tests.compiler.tflite_writer import Op, T, build

LITERT = ("litert",)
GELU = Op("GELU", ["x"], ["y"], {"approximate": False})


def test_every_value_equals_litert(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for approximate in (False, True):
        for _ in range(10):
            scale, made = (float(s) for s in 10.0 ** rng.uniform(-3, 0, 2))
            given = (scale, zero_point(rng), made, zero_point(rng), {"approximate": approximate}, LITERT)
            cases.append(unary("GELU", *given))
    assert_exact(cases, tmp_path)


def test_scales_out_of_range_are_refused() -> None:
    for made in (unary("GELU", 9.0, 0, 1.0, 0), unary("GELU", 1.0, 0, 1e-8, 0)):
        assert any("out of" in problem for problem in problems(made.model))


def test_int16_is_refused_with_what_to_do_instead() -> None:
    model = build(
        [T("x", (1, 4), "int16", scale=1.0), T("y", (1, 4), "int16", scale=1.0)], [GELU], ["x"], ["y"]
    )
    assert any("not every operator has int16" in problem for problem in problems(model))

"""SVDF equals both oracles over many invocations, with an int16 state and, as in TFLM, an int8 state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T


def svdf(
    rng: np.random.Generator,
    sizes: tuple[int, int, int, int] = (5, 3, 2, 4),  # inputs, units, rank, memory
    batch: int = 1,
    state: str = "int16",
    bias: bool = True,
    activation: int = 1,
    scales: tuple[float, float, float, float, float] = (0.05, 0.02, 0.01, 0.0002, 0.08),
    zero_points: tuple[int, int, int] = (3, -7, 0),  # of input, output and state
    vectors: int = 24,
    **changes: Any,
) -> Case:
    inputs, units, rank, memory = sizes
    filters = units * rank
    largest = 127 if state == "int8" else 32767
    tensors = {
        "x": T("x", (batch, inputs), scale=scales[0], zero_point=zero_points[0]),
        "f": T("f", (filters, inputs), scale=scales[1], data=rng.integers(-127, 128, (filters, inputs))),
        "t": T("t", (filters, memory), state, scale=scales[2]),
        "s": T(
            "s", (batch, memory * filters), state, scale=scales[3], zero_point=zero_points[2], variable=True
        ),
        "y": T("y", (batch, units), scale=scales[4], zero_point=zero_points[1]),
    }
    tensors["t"].data = rng.integers(-largest, largest, (filters, memory), endpoint=True)
    if bias:
        steps = scales[2] * scales[3]
        tensors["b"] = T("b", (units,), "int32", scale=steps, data=rng.integers(-3000, 3000, units))
    options = {"rank": rank, "fused_activation_function": activation}
    names = ["x", "f", "t", "b" if bias else "", "s"]
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        if name in tensors:
            setattr(tensors[name], attribute, value)
        else:
            options[key.removeprefix("option_")] = value
    profiles = PROFILES
    if state == "int8" or activation != 1:
        profiles = ("tflm",)  # LiteRT takes an int16 state and RELU alone
    elif not bias:
        profiles = ("litert",)  # TFLM crashes
    label = f"{sizes} {batch} {state} {bias} {scales} {zero_points}"
    op = Op("SVDF", names, ["y"], options, version=3)
    return case(label, list(tensors.values()), op, rng, vectors=vectors, profiles=profiles)


def test_every_shape_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    # The output's scale spreads the sums of random weights over int8.
    cases = [
        svdf(
            rng,
            (inputs, units, rank, memory),
            batch,
            state,
            scales=(0.05, 0.02, 0.01, 0.05 if state == "int8" else 0.0002, 0.3 if state == "int8" else 80),
            zero_points=(3, -7, 0 if state == "int16" else int(rng.integers(-5, 6))),
        )
        for inputs, units, rank, memory in [
            (1, 1, 1, 1),
            (5, 3, 2, 4),
            (40, 4, 1, 10),
            (3, 2, 5, 2),
            (7, 3, 2, 1),
        ]
        for state in ("int16", "int8")
        for batch in (1, 2)
    ]
    cases += [svdf(rng, bias=False), svdf(rng, activation=0), svdf(rng, zero_points=(-128, -128, 0))]
    assert_exact(cases, tmp_path)


def test_any_scale_ratio_and_zero_point_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for first, second in 10.0 ** rng.uniform([-4, -9], [3, 0], (24, 2)):
        x, f, t = (float(v) for v in 10.0 ** rng.uniform(-2, 0, 3))
        kept = float(x * f / first)
        scales = (x, f, t, kept, float(kept * t / second))
        points = (int(rng.choice([-128, 0, 127])), int(rng.choice([-128, -1, 127])))
        state = str(rng.choice(["int16", "int8"]))
        cases.append(svdf(rng, (12, 3, 2, 6), 1, state, scales=scales, zero_points=(*points, 0), vectors=16))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_dtype": "int16"}, "element type that is not supported"),
        ({"f_data": None}, "not constant"),
        ({"f_zero_point": 3}, "not quantised symmetrically"),
        ({"f_scale": [0.1] * 6}, "wrong quantisation"),
        ({"s_variable": False}, "tensor 's' is of a wrong kind"),
        ({"s_dtype": "int8"}, "tensor 's' is of a wrong kind"),
        ({"s_zero_point": 1}, "tensor 's' has no usable quantisation"),
        ({"s_shape": (1, 23)}, "do not match"),
        ({"y_shape": (1, 4)}, "do not match"),
        ({"option_rank": 3}, "do not match"),
        ({"option_rank": 0}, "option rank is out of range"),
        ({"option_fused_activation_function": 3}, "option fused_activation_function is out of range"),
        ({"b_dtype": "int16"}, "its bias is not constant"),
        ({"scales": (1e6, 1e6, 0.01, 1e-6, 0.08)}, "out of proportion"),
        ({"scales": (3e38, 3e38, 0.01, 1e-45, 0.08), "bias": False}, "out of proportion"),
        ({"scales": (0.1, 0.1, 1e6, 1e6, 1e-3)}, "out of proportion"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    assert any(message in p for p in problems(svdf(np.random.default_rng(3), **changes).model))

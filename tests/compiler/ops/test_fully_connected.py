"""FULLY_CONNECTED equals both oracles, each with its own rounding."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.ops.common.fixedpoint import fine_multiplier
from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T


def dense(
    rng: np.random.Generator,
    inputs: int = 8,
    outputs: int = 5,
    batch: int = 1,
    scales: tuple[float, float, float] = (0.1, 0.02, 0.15),
    zero_points: tuple[int, int] = (3, -7),
    activation: int = 0,
    per_channel: bool = False,
    bias: bool = True,
    shape: tuple[int, ...] | None = None,
    keep: bool = False,
    vectors: int = 4,
) -> Case:
    data_scale, weight_scale, output_scale = scales
    weight_scales = weight_scale * (rng.uniform(0.3, 2, outputs) if per_channel else np.ones(1))
    x_shape = shape or (batch, inputs)
    y_shape = (*x_shape[:-1], outputs) if keep else (int(np.prod(x_shape)) // inputs, outputs)
    tensors = [
        T("x", x_shape, scale=data_scale, zero_point=zero_points[0]),
        T("w", (outputs, inputs), scale=weight_scales, data=rng.integers(-127, 128, (outputs, inputs))),
        T("y", y_shape, scale=output_scale, zero_point=zero_points[1]),
    ]
    names = ["x", "w"]
    if bias:
        steps = data_scale * np.asarray(weight_scales, np.float32)
        tensors.append(T("b", (outputs,), "int32", scale=steps, data=rng.integers(-3000, 3000, outputs)))
        names.append("b")
    options = {"fused_activation_function": activation, "keep_num_dims": keep}
    name = f"{x_shape}->{y_shape} {scales} {zero_points} act {activation} channels {per_channel} bias {bias}"
    return case(name, tensors, Op("FULLY_CONNECTED", names, ["y"], options, version=4), rng, vectors=vectors)


def test_every_shape_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = [
        dense(rng, inputs, outputs, batch, bias=bias, per_channel=channels, activation=activation)
        for inputs, outputs in [(1, 1), (3, 4), (17, 9), (64, 12), (200, 6)]
        for batch, bias, channels, activation in [
            (1, True, False, 0),
            (1, False, True, 1),
            (3, True, True, 3),
            (2, False, False, 2),
        ]
    ]
    cases += [
        dense(rng, 6, 5, shape=(1, 2, 3, 6), keep=True),
        dense(rng, 12, 5, shape=(1, 2, 3, 4)),
        dense(rng, 12, 5, shape=(4, 3, 4)),
    ]
    assert_exact(cases, tmp_path)


def test_any_scale_ratio_and_zero_point_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 37):
        output_scale = float(10.0 ** rng.uniform(-2, 1))
        data_scale = float(10.0 ** rng.uniform(-2, 1))
        scales = (data_scale, float(ratio * output_scale / data_scale), output_scale)
        zero_points = (int(rng.choice([-128, 0, 127])), int(rng.choice([-128, -1, 127])))
        per_channel = bool(rng.integers(2))
        cases.append(
            dense(rng, 9, 6, scales=scales, zero_points=zero_points, per_channel=per_channel, vectors=16)
        )
    assert_exact(cases, tmp_path)


def test_ties_round_as_each_profile_does(tmp_path) -> None:
    """With dyadic scales a quarter of all sums are ties, of either sign."""
    rng = np.random.default_rng(3)
    cases = []
    for power in range(1, 7):
        made = dense(rng, 4, 8, scales=(0.5, 0.5, 2.0**power), zero_points=(0, 0), vectors=400, bias=False)
        for vector in made.vectors:
            vector[1:] = rng.integers(-6, 7, vector[1:].shape)
        cases.append(made)
    assert_exact(cases, tmp_path)


def test_sums_at_every_step_of_the_output_round_as_each_profile_does(tmp_path) -> None:
    """The biases are the sums on both sides of each step, where the least error would show."""
    rng = np.random.default_rng(5)
    cases = []
    for power in range(-20, 0):
        scales = (float(rng.uniform(0.01, 1)), float(rng.uniform(0.001, 0.1)))
        output_scale = float(np.float32(scales[0] * scales[1] / 2.0 ** (power + rng.uniform())))
        real = float(np.float32(scales[0])) * float(np.float32(scales[1])) / output_scale
        steps = np.floor((np.arange(-129, 130) - 0.5) / real).astype(np.int64)
        sums = (steps[:, None] + np.arange(-1, 3)).reshape(-1)
        tensors = [
            T("x", (1, 1), scale=scales[0]),
            T("w", (len(sums), 1), scale=scales[1], data=np.ones((len(sums), 1))),
            T("b", (len(sums),), "int32", scale=scales[0] * scales[1], data=sums),
            T("y", (1, len(sums)), scale=output_scale),
        ]
        made = case(f"2^{power}", tensors, Op("FULLY_CONNECTED", ["x", "w", "b"], ["y"], version=4), rng)
        made.vectors[0][:] = np.arange(4).reshape(made.vectors[0].shape) - 2
        cases.append(made)
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize("scale", [2.0**-9, 0.3 / 1024, 1 / 3, 1e-5, 0.9999999, 3.7, 250.0])
def test_the_fine_multiplier_equals_double_arithmetic_everywhere(scale: float) -> None:
    largest = 1 << 20
    sums = np.arange(-largest, largest + 1, dtype=np.int64)
    products = sums * scale
    wanted = np.copysign(np.floor(np.abs(products) + 0.5), products)
    found = fine_multiplier(scale, largest).apply(sums)
    np.testing.assert_array_equal(np.clip(found, -255, 255), np.clip(wanted, -255, 255))


def broken(**changes) -> bytes:
    rng = np.random.default_rng(4)
    tensors = {
        "x": T("x", (1, 8), scale=0.1),
        "w": T("w", (5, 8), scale=0.02, data=rng.integers(-127, 128, (5, 8))),
        "b": T("b", (5,), "int32", scale=0.002, data=np.zeros(5)),
        "y": T("y", (1, 5), scale=0.1),
    }
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        setattr(tensors[name], attribute, value)
    op = Op("FULLY_CONNECTED", ["x", "w", "b"], ["y"], version=4)
    return case("", list(tensors.values()), op, rng).model


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_dtype": "int16"}, "element type that is not supported"),
        ({"y_scale": None}, "no usable quantisation"),
        ({"y_zero_point": 200}, "no usable quantisation"),
        ({"y_shape": (1, 6)}, "do not match"),
        ({"x_shape": (1, 9)}, "do not match"),
        ({"w_data": None}, "not constant"),
        ({"w_zero_point": 1}, "not quantised symmetrically"),
        ({"w_scale": [0.1, 0.2]}, "wrong quantisation"),
        ({"w_scale": [0.02] * 5, "w_axis": 1}, "wrong quantisation"),
        ({"b_data": np.full(5, (1 << 31) - 1)}, "may leave 32 bit"),
        ({"b_shape": (4,), "b_data": np.zeros(4)}, "wrong type or size"),
        ({"b_scale": 9.0, "b_data": np.ones(5)}, "not in steps of"),
        ({"x_scale": 1e30, "b_scale": None}, "out of proportion"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    assert any(message in problem for problem in problems(broken(**changes)))

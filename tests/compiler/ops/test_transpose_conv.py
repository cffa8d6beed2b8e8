"""TRANSPOSE_CONV equals both oracles over shapes, strides, paddings and scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgekit.compiler.compile import compile_model
from edgekit.compiler.ops.base import Target
from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T, build


def transposed(
    rng: np.random.Generator,
    size: tuple[int, int] = (5, 6),  # of the output
    channels: tuple[int, int] = (3, 5),
    kernel: tuple[int, int] = (3, 3),
    stride: tuple[int, int] = (2, 2),
    same: bool = True,
    batch: int = 1,
    scales: tuple[float, float, float] = (0.1, 0.02, 0.3),
    zero_points: tuple[int, int] = (3, -7),
    activation: int = 0,
    per_channel: bool = True,
    bias: bool = True,
    profiles: tuple[str, ...] = PROFILES,
    **changes: Any,
) -> Case:
    inputs, outputs = channels
    scale, weight_scale, output_scale = scales
    weight_scales = weight_scale * (rng.uniform(0.3, 2, outputs) if per_channel else np.ones(1))
    extents = [
        -(-(n if same else n - k + 1) // step) for n, k, step in zip(size, kernel, stride, strict=True)
    ]
    tensors = {
        "s": T("s", (4,), "int32", data=[batch, *size, outputs]),
        "w": T("w", (outputs, *kernel, inputs), scale=weight_scales),
        "x": T("x", (batch, *extents, inputs), scale=scale, zero_point=zero_points[0]),
        "y": T("y", (batch, *size, outputs), scale=output_scale, zero_point=zero_points[1]),
    }
    tensors["w"].data = rng.integers(-127, 128, tensors["w"].shape)
    names = ["s", "w", "x"]
    if bias:
        steps = scale * np.asarray(weight_scales, np.float32)
        tensors["b"] = T("b", (outputs,), "int32", scale=steps, data=rng.integers(-3000, 3000, outputs))
        names.append("b")
    options = {
        "padding": 0 if same else 1,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "fused_activation_function": activation,
    }
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        if name in tensors:
            setattr(tensors[name], attribute, value)
        else:
            options[key.removeprefix("option_")] = value
    label = f"{size} {channels} {kernel} /{stride} {same} {scales} {zero_points} {activation}"
    op = Op("TRANSPOSE_CONV", names, ["y"], options, version=4 if activation else 3)
    return case(label, list(tensors.values()), op, rng, vectors=3, profiles=profiles)


def test_every_geometry_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for kernel in [(1, 1), (2, 2), (3, 3), (1, 9), (5, 2)]:
        for stride in [(1, 1), (2, 2), (1, 3), (4, 2)]:
            for same in (True, False):
                size = (kernel[0] + int(rng.integers(0, 7)), kernel[1] + int(rng.integers(0, 7)))
                channels = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
                cases.append(transposed(rng, size, channels, kernel, stride, same))
    cases += [
        transposed(rng, (8, 8), (4, 4), (4, 4), (2, 2), batch=3),
        transposed(rng, (1, 64), (8, 4), (1, 16), (1, 8)),
        transposed(rng, (6, 6), bias=False),
        transposed(rng, (2, 3), (2, 2), (5, 5), (1, 1)),
    ]
    assert_exact(cases, tmp_path)


def test_any_scale_ratio_zero_point_and_activation_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 28):
        output_scale, scale = (float(v) for v in 10.0 ** rng.uniform(-2, 1, 2))
        activation = int(rng.integers(4))
        cases.append(
            transposed(
                rng,
                scales=(scale, float(ratio * output_scale / scale), output_scale),
                zero_points=(int(rng.choice([-128, 0, 127])), int(rng.choice([-128, -1, 127]))),
                activation=activation,
                per_channel=bool(rng.integers(2)),
            )
        )
    assert_exact(cases, tmp_path)


def test_a_computed_output_shape_is_compiled_away() -> None:
    """The SHAPE and PACK that converters emit for a free batch."""
    rng = np.random.default_rng(4)
    tensors = [
        T("x", (1, 2, 2, 3), scale=0.1),
        T("dims", (4,), "int32"),
        T("w", (5, 2, 2, 3), scale=0.02, data=rng.integers(-127, 128, (5, 2, 2, 3))),
        T("y", (1, 4, 4, 5), scale=0.3),
    ]
    options = {"padding": 1, "stride_h": 2, "stride_w": 2}
    ops = [Op("SHAPE", ["x"], ["dims"]), Op("TRANSPOSE_CONV", ["dims", "w", "x"], ["y"], options)]
    program = compile_model(build(tensors, ops, ["x"], ["y"]), "m.tflite", Target())
    assert [step.node.op for step in program.lowering.steps] == ["TRANSPOSE_CONV"]
    assert program.macs == 4 * 4 * 5 * 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_dtype": "int16"}, "element type that is not supported"),
        ({"w_data": None}, "not constant"),
        ({"w_zero_point": 3}, "not quantised symmetrically"),
        ({"y_shape": (1, 9, 6, 5)}, "output shape does not follow"),
        ({"y_shape": (5, 6, 5)}, "four dimensions"),
        ({"x_shape": (1, 3, 3, 6)}, "do not match"),
        ({"option_stride_h": 0}, "option stride_h is out of range"),
        ({"option_stride_w": 1 << 30}, "option stride_w is out of range"),
        ({"option_padding": 2}, "option padding is out of range"),
        ({"option_fused_activation_function": 4}, "fused activation"),
        ({"b_data": np.full(5, -(1 << 31))}, "may leave 32 bit"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    assert any(message in p for p in problems(transposed(np.random.default_rng(3), **changes).model))

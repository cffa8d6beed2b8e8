"""16x8: CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED on int16 equal the oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgekit.compiler.compile import compile_model
from edgekit.compiler.ops.base import Target
from tests.compiler.ops.filters import conv
from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T

SCALES = (2.0**-12, 0.01, 2.0**-9)
INT32 = 2  # schema.fbs, TensorType: how LiteRT is told that a bias is not int64


def wide(
    case_scales: tuple[float, float, float] = SCALES, bias: str = "int64", **changes: Any
) -> dict[str, Any]:
    """Returns the changes that make a convolution 16x8."""
    made: dict[str, Any] = {
        "scales": case_scales, "zero_points": (0, 0), "x_dtype": "int16", "y_dtype": "int16",
    }  # fmt: skip
    if bias:
        made["b_dtype"] = bias
    else:
        made["bias"] = False
    if bias == "int32" and not changes.get("depthwise"):
        made["option_quantized_bias_type"] = INT32
    return {**made, **changes}


def test_convolutions_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = [
        conv(rng, (5, 6), (3, 5), (3, 3), **wide()),
        conv(rng, (7, 9), (4, 6), (3, 2), (2, 1), same=False, batch=2, **wide(activation=1)),
        conv(rng, (8, 8), (2, 3), (3, 3), dilation=(2, 3), **wide(per_channel=False)),
        conv(rng, (4, 4), (6, 9), (3, 3), groups=3, **wide()),
        conv(rng, (2, 3), (1, 1), (5, 5), **wide(activation=3)),
        conv(rng, (4, 4), (300, 3), (1, 1), **wide((2.0**-12, 0.01, 2.0**-7))),
        conv(rng, (5, 6), (3, 5), (3, 3), **wide(bias="int32")),
        conv(rng, (5, 6), (5, 4), (1, 1), (2, 2), **wide(bias="int32", activation=2)),
        conv(rng, (5, 6), (6, 1), (3, 3), depthwise=True, **wide()),
        conv(rng, (5, 6), (3, 4), (3, 2), (2, 1), depthwise=True, same=False, **wide(activation=1)),
        conv(
            rng, (9, 7), (5, 1), (3, 3), dilation=(2, 2), depthwise=True, batch=2, **wide(per_channel=False)
        ),
        conv(rng, (5, 6), (6, 1), (3, 3), depthwise=True, **wide(bias="")),
    ]
    without = conv(rng, (5, 6), (3, 5), (3, 3), **wide(bias=""))
    without.profiles = ("tflm",)  # LiteRT insists on a bias
    assert_exact([*cases, without], tmp_path)


def dense(
    rng: np.random.Generator,
    shape: tuple[int, int, int] = (2, 40, 30),
    scales: tuple[float, float, float] = SCALES,
    bias: str = "int64",
    activation: int = 0,
    per_channel: bool = False,
    **changes: Any,
) -> Case:
    rows, inputs, outputs = shape
    steps = scales[1] * (rng.uniform(0.3, 2, outputs) if per_channel else np.ones(1))
    tensors = {
        "x": T("x", (rows, inputs), "int16", scale=scales[0]),
        "w": T("w", (outputs, inputs), scale=steps, data=rng.integers(-127, 128, (outputs, inputs))),
        "y": T("y", (rows, outputs), "int16", scale=scales[2]),
    }
    options = {"fused_activation_function": activation}
    if bias:
        data = rng.integers(-(1 << 20), 1 << 20, outputs)
        scale = np.float32(scales[0]) * np.asarray(steps, np.float32)
        tensors["b"] = T("b", (outputs,), bias, scale=scale, data=data)
    if bias == "int32":
        options["quantized_bias_type"] = INT32
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        setattr(tensors[name], attribute, value)
    op = Op("FULLY_CONNECTED", ["x", "w", *(["b"] if bias else [])], ["y"], options, version=7)
    return case(f"dense {shape} {scales} {bias} {activation}", list(tensors.values()), op, rng, vectors=8)


def test_dense_layers_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    int32 = dense(rng, bias="int32", per_channel=True)
    cases = [
        dense(rng),
        dense(rng, (1, 600, 7), (2.0**-12, 0.01, 2.0**-7), activation=1),
        dense(rng, bias=""),
        dense(rng, per_channel=True),
        dense(rng, scales=(2.0**-12, 2.0**-6, 2.0**-10)),  # ties
        int32,
        dense(rng, bias="int32", scales=(2.0**-12, 2.0**-6, 2.0**-8)),
    ]
    assert_exact(cases, tmp_path)


def transposed(
    rng: np.random.Generator, stride: tuple[int, int], same: bool, bias: str = "int64", **changes: Any
) -> Case:
    size, kernel, channels = (4, 5), (3, 2), (6, 5)
    extents = [
        n * s if same else (n - 1) * s + max(k, s) for n, s, k in zip(size, stride, kernel, strict=True)
    ]
    steps = 0.01 * rng.uniform(0.3, 2, channels[1])
    shape = (1, *extents, channels[1])
    tensors = {
        "s": T("s", (4,), "int32", data=shape),
        "w": T("w", (channels[1], *kernel, channels[0]), scale=steps),
        "x": T("x", (1, *size, channels[0]), "int16", scale=SCALES[0]),
        "y": T("y", shape, "int16", scale=SCALES[2]),
    }
    tensors["w"].data = rng.integers(-127, 128, tensors["w"].shape)
    options = {"padding": 0 if same else 1, "stride_h": stride[0], "stride_w": stride[1]}
    if bias:
        scale = np.float32(SCALES[0]) * steps.astype(np.float32)
        data = rng.integers(-(1 << 20), 1 << 20, channels[1])
        tensors["b"] = T("b", (channels[1],), bias, scale=scale, data=data)
    if bias == "int32":
        options["quantized_bias_type"] = INT32
    op = Op("TRANSPOSE_CONV", ["s", "w", "x", *(["b"] if bias else [])], ["y"], options, version=4)
    return case(f"transposed {stride} {same} {bias}", list(tensors.values()), op, rng)


def test_transposed_convolutions_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(3)
    cases = [
        transposed(rng, (1, 1), True),
        transposed(rng, (2, 2), True),
        transposed(rng, (2, 3), False),
        transposed(rng, (2, 1), False, bias=""),
    ]
    narrow = transposed(rng, (2, 2), True, bias="int32")
    narrow.profiles = ("litert",)  # TFLM reads the bias as int64
    assert_exact([*cases, narrow], tmp_path)


def test_any_scales_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(4)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, -0.5, 12):
        output_scale, scale = (float(v) for v in 10.0 ** rng.uniform(-4, -1, 2))
        scales = (scale, float(ratio * output_scale / scale), output_scale)
        cases += [
            conv(rng, (3, 4), (3, 4), (2, 2), **wide(scales, activation=int(rng.integers(4)))),
            conv(rng, (3, 4), (4, 1), (2, 2), depthwise=True, **wide(scales)),
            dense(rng, (1, 16, 40), scales),
        ]
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize("features", [{"dsp"}, {"dsp", "mve"}])
@pytest.mark.parametrize("depthwise", [False, True])
def test_no_variant_takes_int16(features: set[str], depthwise: bool) -> None:
    model = conv(
        np.random.default_rng(5), channels=(8, 1 if depthwise else 8), depthwise=depthwise, **wide()
    ).model
    program = compile_model(model, "m.tflite", Target(features=frozenset(features)))
    name = "depthwise_conv2d" if depthwise else "conv2d"
    assert [step.call.kernel for step in program.lowering.steps if step.call] == [f"ek_{name}_s16"]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda rng: conv(rng, **wide(zero_points=(1, 0))), "int16 with a zero point"),
        (lambda rng: conv(rng, **wide(y_dtype="int8")), "element type that is not supported"),
        (lambda rng: conv(rng, **wide(bias="int32", depthwise=True)), "refuse or misread"),
        (lambda rng: conv(rng, depthwise=True, b_dtype="int64"), "wrong type or size"),
        (lambda rng: conv(rng, **wide((1.0, 10.0, 0.01))), "out of proportion"),
        (lambda rng: conv(rng, **wide(b_data=np.full(5, 1 << 47))), "may leave 48 bit"),
        (lambda rng: dense(rng, (1, 1400, 3), bias="int32"), "may leave 32 bit"),
        (lambda rng: dense(rng, b_dtype="int16"), "wrong type or size"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_refused(made: Any, message: str) -> None:
    found = problems(made(np.random.default_rng(6)).model)
    assert any(message in problem for problem in found), found

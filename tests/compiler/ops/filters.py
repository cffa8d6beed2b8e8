"""Builds the cases of CONV_2D and DEPTHWISE_CONV_2D."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.compiler.ops.harness import Case, case
from tests.compiler.tflite_writer import Op, T


def conv(
    rng: np.random.Generator,
    size: tuple[int, int] = (5, 6),
    channels: tuple[int, int] = (3, 5),  # of the input, and of the output or per input channel
    kernel: tuple[int, int] = (3, 3),
    stride: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
    same: bool = True,
    batch: int = 1,
    scales: tuple[float, float, float] = (0.1, 0.02, 0.15),
    zero_points: tuple[int, int] = (3, -7),
    activation: int = 0,
    per_channel: bool = True,
    bias: bool = True,
    depthwise: bool = False,
    groups: int = 1,
    **changes: Any,
) -> Case:
    inputs, outputs = (channels[0], channels[0] * channels[1]) if depthwise else channels
    scale, weight_scale, output_scale = scales
    weight_scales = weight_scale * (rng.uniform(0.3, 2, outputs) if per_channel else np.ones(1))
    span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    extents = [-(-(n if same else n - s + 1) // step) for n, s, step in zip(size, span, stride, strict=True)]
    tensors = [
        T("x", (batch, *size, inputs), scale=scale, zero_point=zero_points[0]),
        T("w", (1, *kernel, outputs), scale=weight_scales, axis=3)
        if depthwise
        else T("w", (outputs, *kernel, inputs // groups), scale=weight_scales),
        T("y", (batch, *extents, outputs), scale=output_scale, zero_point=zero_points[1]),
    ]
    tensors[1].data = rng.integers(-127, 128, tensors[1].shape)
    names = ["x", "w"]
    if bias:
        steps = scale * np.asarray(weight_scales, np.float32)
        tensors.append(T("b", (outputs,), "int32", scale=steps, data=rng.integers(-3000, 3000, outputs)))
        names.append("b")
    options = {
        "padding": 0 if same else 1,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1],
        "fused_activation_function": activation,
    }
    if depthwise:
        options["depth_multiplier"] = channels[1]
    by_name = {tensor.name: tensor for tensor in tensors}
    for key, value in changes.items():
        name, _, attribute = key.partition("_")
        if name in by_name:
            setattr(by_name[name], attribute, value)
        else:
            options[key.removeprefix("option_")] = value
    op = "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"
    label = f"{size} {channels} {kernel} /{stride} d{dilation} {same} {scales} {zero_points} {activation}"
    return case(label, tensors, Op(op, names, ["y"], options, version=3), rng, vectors=3)

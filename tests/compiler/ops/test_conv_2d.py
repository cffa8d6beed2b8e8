"""CONV_2D equals both oracles over shapes, strides, paddings, dilations and scales."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.compile import compile_model
from edgekit.compiler.ops.base import Target
from tests.compiler.ops.filters import conv
from tests.compiler.ops.harness import assert_exact, problems


def test_every_geometry_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for kernel in [(1, 1), (3, 3), (1, 9), (5, 2), (7, 1)]:
        for stride in [(1, 1), (2, 2), (1, 3)]:
            for same in (True, False):
                dilation = (1, 1) if stride != (1, 1) else (int(rng.integers(1, 3)), int(rng.integers(1, 4)))
                span = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
                size = (span[0] + int(rng.integers(0, 4)), span[1] + int(rng.integers(0, 4)))
                channels = (int(rng.integers(1, 6)), int(rng.integers(1, 10)))
                cases.append(conv(rng, size, channels, kernel, stride, dilation, same))
    # A kernel that is larger than its input, and windows that lie in the padding almost whole.
    cases += [
        conv(rng, (1, 1), (4, 4), (3, 3)),
        conv(rng, (2, 3), (1, 1), (5, 5)),
        conv(rng, (3, 3), (2, 4), (3, 3), dilation=(4, 3)),
        conv(rng, (4, 4), (3, 8), (2, 2), (3, 3), batch=3),
        conv(rng, (1, 50), (1, 24), (1, 9), (1, 2)),
        conv(rng, (4, 5), (24, 16), (1, 1)),
    ]
    cases += [
        conv(rng, (5, 6), (6, 9), (3, 3), (2, 1), groups=3),
        conv(rng, (4, 4), (8, 8), (3, 2), same=False, groups=8, batch=2),
        conv(rng, (6, 7), (4, 6), (2, 3), dilation=(2, 2), groups=2, activation=1),
        conv(rng, (3, 5), (10, 5), (1, 1), groups=5, per_channel=False),
    ]
    without_bias = conv(rng, (4, 5), (7, 6), (1, 1), bias=False)
    without_bias.profiles = ("tflm",)  # LiteRT insists on a bias
    assert_exact([*cases, without_bias], tmp_path)


def test_any_scale_ratio_zero_point_and_activation_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 28):
        output_scale, scale = (float(v) for v in 10.0 ** rng.uniform(-2, 1, 2))
        cases.append(
            conv(
                rng,
                scales=(scale, float(ratio * output_scale / scale), output_scale),
                zero_points=(int(rng.choice([-128, 0, 127])), int(rng.choice([-128, -1, 127]))),
                activation=int(rng.integers(4)),
                per_channel=bool(rng.integers(2)),
            )
        )
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize("features", [{"dsp"}, {"dsp", "mve"}])
def test_no_variant_takes_groups(features: set[str]) -> None:
    model = conv(np.random.default_rng(4), channels=(8, 8), groups=2).model
    program = compile_model(model, "m.tflite", Target(features=frozenset(features)))
    assert [step.call.kernel for step in program.lowering.steps if step.call] == ["ek_conv2d_grouped_s8"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_dtype": "int16"}, "element type that is not supported"),
        ({"w_data": None}, "not constant"),
        ({"w_zero_point": 3}, "not quantised symmetrically"),
        ({"w_axis": 3}, "wrong quantisation"),
        ({"y_shape": (1, 5, 7, 5)}, "output shape does not follow"),
        ({"y_shape": (5, 6, 5)}, "four dimensions"),
        ({"y_shape": (2, 5, 6, 5)}, "do not match"),
        ({"x_shape": (1, 5, 6, 4)}, "do not match"),
        ({"x_shape": (1, 5, 6, 6)}, "do not match"),  # two groups, five output channels
        ({"option_stride_h": 0}, "option stride_h is out of range"),
        ({"option_dilation_w_factor": -3}, "option dilation_w_factor is out of range"),
        ({"option_dilation_w_factor": 1 << 30}, "option dilation_w_factor is out of range"),
        ({"option_padding": 2}, "option padding is out of range"),
        ({"option_fused_activation_function": 4}, "fused activation"),
        ({"b_data": np.full(5, -(1 << 31))}, "may leave 32 bit"),
        ({"same": False, "size": (2, 6), "y_shape": (1, 1, 4, 5)}, "output shape does not follow"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    assert any(message in problem for problem in problems(conv(np.random.default_rng(3), **changes).model))

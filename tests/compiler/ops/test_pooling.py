"""AVERAGE_POOL_2D and MAX_POOL_2D equal both oracles over windows, strides and paddings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.ops.unary import zero_point
from tests.compiler.tflite_writer import Op, T

OPS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")


def pool(
    rng: np.random.Generator,
    op: str,
    size: tuple[int, int] = (5, 6),
    kernel: tuple[int, int] = (2, 3),
    stride: tuple[int, int] = (1, 1),
    same: bool = True,
    channels: int = 3,
    batch: int = 1,
    activation: int = 0,
    scale: float = 0.07,
    point: int = -5,
    **changes: Any,
) -> Case:
    extents = [
        -(-(n if same else n - k + 1) // step) for n, k, step in zip(size, kernel, stride, strict=True)
    ]
    tensors = [
        T("x", (batch, *size, channels), scale=scale, zero_point=point),
        T("y", (batch, *extents, channels), scale=scale, zero_point=point),
    ]
    options = {
        "padding": 0 if same else 1,
        "stride_h": stride[0],
        "stride_w": stride[1],
        "filter_height": kernel[0],
        "filter_width": kernel[1],
        "fused_activation_function": activation,
    }
    for key, value in changes.items():
        if key.startswith("y_"):
            setattr(tensors[1], key[2:], value)
        else:
            options[key] = value
    name = f"{op} {size} {kernel} /{stride} same {same} act {activation} zero point {point}"
    return case(name, tensors, Op(op, ["x"], ["y"], options, version=2), rng)


def test_every_window_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op in OPS:
        for kernel in [(1, 1), (2, 2), (3, 2), (5, 6), (1, 4)]:
            for stride in [(1, 1), (2, 2), (3, 1)]:
                for same in (True, False):
                    channels, activation = int(rng.integers(1, 7)), int(rng.integers(4))
                    point = zero_point(rng)
                    cases.append(
                        pool(rng, op, (5, 6), kernel, stride, same, channels, 1, activation, point=point)
                    )
        cases += [pool(rng, op, (25, 5), (25, 5), (25, 5), False, 64), pool(rng, op, batch=3)]
        cases.append(pool(rng, op, (2, 2), (5, 5)))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_scale": 0.08}, "differ in quantisation"),
        ({"y_zero_point": 4}, "differ in quantisation"),
        ({"y_shape": (1, 5, 5, 3)}, "output shape does not follow"),
        ({"y_shape": (1, 5, 6, 4)}, "do not match"),
        ({"filter_width": 0}, "filter_width is out of range"),
        ({"filter_height": -1}, "filter_height is out of range"),
        ({"stride_h": 1 << 20}, "stride_h is out of range"),
        ({"fused_activation_function": 9}, "fused activation"),
    ],
)
def test_what_cannot_be_compiled_is_refused(changes: dict, message: str) -> None:
    made = pool(np.random.default_rng(2), "MAX_POOL_2D", **changes)
    assert any(message in problem for problem in problems(made.model))

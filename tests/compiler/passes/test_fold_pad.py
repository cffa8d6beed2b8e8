"""PAD is folded into the convolution behind it exactly where SAME padding computes the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

SAME, VALID = 0, 1
Q = {"scale": 0.5, "zero_point": 3}


def model(
    paddings: tuple[tuple[int, int], tuple[int, int]],
    stride: int = 1,
    *,
    op: str = "CONV_2D",
    value: int | None = None,
    padding: int = VALID,
    scale: float = 0.5,
    channels: tuple[int, int] = (0, 0),
    read_twice: bool = False,
) -> bytes:
    """A PAD or PADV2 in front of a 3x3 convolution over [1, 8, 6, 2]."""
    source = np.random.default_rng(1)
    height, width = 8 + sum(paddings[0]), 6 + sum(paddings[1])
    depth = 2 + sum(channels)
    outputs = 3 if op == "CONV_2D" else depth
    weights = (3, 3, 3, depth) if op == "CONV_2D" else (1, 3, 3, depth)
    size = [(n - 1) // stride + 1 if padding == SAME else (n - 3) // stride + 1 for n in (height, width)]
    padded = {"scale": scale, "zero_point": 3}
    tensors = [
        T("x", (1, 8, 6, 2), **Q),
        T("p", (4, 2), "int32", data=[(0, 0), *paddings, channels]),
        T("v", (1,), data=[value or 0], **padded),
        T("a", (1, height, width, depth), **padded),
        T("w", weights, scale=0.02, data=source.integers(-127, 128, weights)),
        T("b", (outputs,), "int32", scale=0.02 * scale, data=source.integers(-99, 99, outputs)),
        T("y", (1, *size, outputs), scale=1.0, zero_point=-4),
    ]
    options: dict[str, Any] = {"padding": padding, "stride_h": stride, "stride_w": stride}
    options |= {"dilation_h_factor": 1, "dilation_w_factor": 1}
    if op != "CONV_2D":
        options["depth_multiplier"] = 1
    pad = Op("PAD", ["x", "p"], ["a"]) if value is None else Op("PADV2", ["x", "p", "v"], ["a"])
    ops = [pad, Op(op, ["a", "w", "b"], ["y"], options, version=3)]
    return build(tensors, ops, ["x"], ["y", "a"] if read_twice else ["y"])


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("around", model(((1, 1), (1, 1)))),
        ("keras", model(((0, 1), (0, 1)), 2)),
        ("padv2", model(((1, 1), (1, 1)), value=3)),
        ("depthwise", model(((0, 1), (0, 1)), 2, op="DEPTHWISE_CONV_2D")),
    ],
)
def test_it_is_folded_where_same_padding_does_the_same(name: str, given: bytes, tmp_path: Path) -> None:
    program = compiled(given)
    assert changes(program, "fold-pad") == 1 and len(nodes(program)) == 1
    off = compiled(given, "fold-pad")
    assert len(nodes(off)) == 2 and program.plan.arena_bytes < off.plan.arena_bytes
    assert_exact(given, tmp_path / "on")
    if name == "around":
        assert_exact(given, tmp_path / "off", "fold-pad")


@pytest.mark.parametrize(
    "given",
    [
        model(((1, 1), (1, 1)), 2),  # SAME has nothing in front
        model(((2, 0), (1, 1))),
        model(((2, 2), (2, 2))),  # more outputs than SAME gives
        model(((1, 1), (1, 1)), padding=SAME),
        model(((1, 1), (1, 1)), value=4),  # not the quantised 0
        model(((1, 1), (1, 1)), scale=0.50000006),
        model(((1, 1), (1, 1)), channels=(0, 1)),
        model(((1, 1), (1, 1)), read_twice=True),
    ],
)
def test_it_stays_where_it_does_not(given: bytes) -> None:
    program = compiled(given)
    assert changes(program, "fold-pad") == 0 and len(nodes(program)) == 2

"""Channels that no input can change, or that nothing uses, go, and not a byte of the result changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

NAME = "constant-channels"
SAME, VALID = 0, 1
RELU6 = 3
ZERO = {"scale": 0.0235, "zero_point": -128}  # [0, 6]


def weights(rng: np.random.Generator, name: str, shape: tuple[int, ...], axis: int, scale: float) -> T:
    """Random weights, quantised per output channel."""
    scales = scale * rng.uniform(0.5, 1.5, shape[axis])
    return T(name, shape, scale=scales, axis=axis, data=rng.integers(-127, 128, shape))


def network(
    seed: int, *, pad: int = SAME, zero: dict = ZERO, ends: str = "dense", share: float = 0.6
) -> bytes:
    """A convolution, a depthwise one, a pointwise one with a residual sum, another, a pool and a dense layer.

    Of each convolution but the last, `share` of the channels are clamped to one value: their bias is far off.
    """
    rng = np.random.default_rng(seed)
    side, wide, deep = 6, 24, 16
    small = side if pad == SAME else side - 2

    def bias(name: str, count: int, dead: bool = True) -> T:
        values = rng.integers(-3000, 3000, count)
        if dead:
            values[rng.random(count) < share] = rng.choice(
                [-(10**7), 10**7] if zero is not ZERO else [-(10**7)]
            )
        return T(name, (count,), "int32", data=values)

    tensors = [
        T("x", (1, side, side, 3), scale=0.03, zero_point=5),
        weights(rng, "w0", (wide, 3, 3, 3), 0, 0.005),
        bias("b0", wide),
        T("a", (1, side, side, wide), **zero),
        weights(rng, "w1", (1, 3, 3, wide), 3, 0.01),
        bias("b1", wide),
        T("b", (1, small, small, wide), **zero),
        weights(rng, "w2", (deep, 1, 1, wide), 0, 0.01),
        bias("b2", deep),
        T("c", (1, small, small, deep), **zero),
        T("gain", (1, 1, 1, deep), scale=0.01, data=rng.integers(-127, 128, (1, 1, 1, deep))),
        T("d", (1, small, small, deep), scale=0.02, zero_point=3),
        T("e", (1, small, small, deep), scale=0.04, zero_point=-9),
        T("axes", (2,), "int32", data=[1, 2]),
        T("f", (1, deep), scale=0.02, zero_point=-50),
        weights(rng, "w3", (5, deep), 0, 0.02),
        T("y", (1, 5), scale=0.1, zero_point=7),
    ]
    conv = {"padding": SAME, "stride_h": 1, "stride_w": 1, "fused_activation_function": RELU6}
    wise = {**conv, "padding": pad, "depth_multiplier": 1}
    ops = [
        Op("CONV_2D", ["x", "w0", "b0"], ["a"], conv, version=3),
        Op("DEPTHWISE_CONV_2D", ["a", "w1", "b1"], ["b"], wise, version=3),
        Op("CONV_2D", ["b", "w2", "b2"], ["c"], conv, version=3),
        Op("MUL", ["c", "gain"], ["d"]),
        Op("ADD", ["c", "d"], ["e"]),
        Op("MEAN", ["e", "axes"], ["f"]),
        Op("FULLY_CONNECTED", ["f", "w3"], ["y"]),
    ]
    return build(tensors, ops, ["x"], ["y"] if ends == "dense" else ["y", ends])


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("same", network(1)),
        ("valid", network(2, pad=VALID)),
        ("off zero", network(3, pad=VALID, zero={"scale": 0.04, "zero_point": -20})),
        ("off zero, padded", network(4, zero={"scale": 0.04, "zero_point": -20})),
    ],
)
def test_they_go(name: str, given: bytes, tmp_path: Path) -> None:
    program, off = compiled(given), compiled(given, NAME)
    gain = next(r for r in program.passes if r.name == NAME).gain
    assert changes(program, NAME) >= 12 and nodes(program) == nodes(off)
    assert program.macs < 0.8 * off.macs and gain["macs"] == off.macs - program.macs
    assert program.weights_bytes < off.weights_bytes
    for node in program.graph.nodes[:3]:
        assert program.graph.tensors[node.outputs[0]].shape[-1] % 4 == 0
    for numerics in ("litert", "tflm"):
        assert_exact(given, tmp_path / numerics, numerics=numerics)


def test_what_names_an_output_keeps_its_channels() -> None:
    for ends, left in (("b", 24), ("e", 16)):
        program = compiled(network(1, ends=ends))
        tensor = next(t for t in program.graph.tensors if t.name == ends)
        assert tensor.shape[-1] == left


def test_nothing_goes_where_every_channel_lives(tmp_path: Path) -> None:
    program = compiled(network(1, share=0.0))
    assert changes(program, NAME) == 0


def test_weights_that_are_all_zero_free_what_feeds_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    w1 = rng.integers(-127, 128, (3, 1, 1, 12))
    w1[..., 4:] = 0
    tensors = [
        T("x", (1, 4, 16, 4), scale=0.03, zero_point=5),
        weights(rng, "w0", (12, 1, 1, 4), 0, 0.01),
        T("b0", (12,), "int32", data=rng.integers(-999, 999, 12)),
        T("b1", (3,), "int32", data=rng.integers(-999, 999, 3)),
        T("a", (1, 4, 16, 12), scale=0.05, zero_point=4),
        T("b", (1, 4, 16, 12), scale=1 / 256, zero_point=-128),
        T("w1", (3, 1, 1, 12), scale=0.01, data=w1),
        T("y", (1, 4, 16, 3), scale=0.05),
    ]
    conv = {"padding": VALID, "stride_h": 1, "stride_w": 1}
    ops = [
        Op("CONV_2D", ["x", "w0", "b0"], ["a"], conv, version=3),
        Op("LOGISTIC", ["a"], ["b"]),
        Op("CONV_2D", ["b", "w1", "b1"], ["y"], conv, version=3),
    ]
    model = build(tensors, ops, ["x"], ["y"])
    program = compiled(model)
    assert changes(program, NAME) == 8 and program.macs == 64 * (4 * 4 + 4 * 3)
    assert_exact(model, tmp_path / "on")


def test_shared_weights_are_left_to_who_reads_them(tmp_path: Path) -> None:
    """Two convolutions share weights; only the first one's channels are free to go."""
    rng = np.random.default_rng(7)
    tensors = [
        T("x", (1, 3, 3, 8), scale=0.03, zero_point=5),
        weights(rng, "w0", (8, 1, 1, 8), 0, 0.01),
        T("b0", (8,), "int32", data=[-(10**7)] * 4 + [100] * 4),
        T("a", (1, 3, 3, 8), scale=0.03, zero_point=5),
        T("y", (1, 3, 3, 8), scale=0.03, zero_point=5),
    ]
    conv = {"padding": VALID, "stride_h": 1, "stride_w": 1, "fused_activation_function": RELU6}
    ops = [
        Op("CONV_2D", ["x", "w0", "b0"], ["a"], conv, version=3),
        Op("CONV_2D", ["a", "w0", "b0"], ["y"], conv, version=3),
    ]
    model = build(tensors, ops, ["x"], ["y"])
    program = compiled(model)
    assert changes(program, NAME) == 4
    assert_exact(model, tmp_path / "on")

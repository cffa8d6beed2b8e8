"""Kernels for Helium: their portable twins equal the operators, and the real ones the PC reference."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edgekit.compiler.compile import compile_model
from edgekit.compiler.ops.base import Target
from edgekit.compiler.tflite.reader import read
from edgekit.compiler.variants.base import REGISTRY, Variant
from edgekit.pipeline.validate import Source, validate
from tests.compiler.ops import harness
from tests.compiler.ops.filters import conv
from tests.compiler.ops.test_fully_connected import dense
from tests.compiler.ops.test_mean import mean
from tests.compiler.tflite_writer import Op, T, build

HELIUM = frozenset({"mve"})
ENDS = (-128, 127, 5)


def variant(op: str) -> Variant:
    return next(v for v in REGISTRY.all().values() if (v.op, v.feature) == (op, "mve"))


def lowered(model: bytes, profile: str):
    graph = read(model, "test.tflite").main
    node = graph.view(graph.nodes[0])
    return graph, variant(node.node.op).lower(node, Target(features=HELIUM, numerics=profile))


def assert_twins_agree(cases: Sequence[harness.Case], folder: Path, monkeypatch) -> None:
    pairs = [(case, profile) for case in cases for profile in harness.PROFILES]
    taken = [pair for pair in pairs if lowered(pair[0].model, pair[1])[1] is not None]
    assert len(taken) > 0.7 * len(pairs), "too few cases are taken to prove anything"
    (folder / "portable").mkdir()
    (folder / "twin").mkdir()
    wanted = harness.run_kernels(taken, folder / "portable")
    monkeypatch.setattr(harness, "lower", lowered)
    found = harness.run_kernels(taken, folder / "twin")
    for (case, profile), want, made in zip(taken, wanted, found, strict=True):
        for got, expected in zip(made[""], want[""], strict=True):
            assert np.array_equal(got, expected), f"{profile} {case.name}"


def test_twins_equal_the_portable_kernels(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    cases = []
    for point in ENDS:
        for activation in (0, 1, 3):
            inputs, outputs = (int(n) for n in rng.integers(1, 40, 2))
            if point == 127:  # then a ReLU needs no clamp
                outputs = 4 * (outputs % 8 + 1)
            scales = (0.1, 0.02, float(rng.uniform(0.2, 3)))
            given = {"scales": scales, "zero_points": (point, -point - 1), "activation": activation}
            size = (int(rng.integers(1, 7)), int(rng.integers(1, 7)))
            cases += [
                conv(rng, size, (inputs, outputs), (3, 3), (1, 2), **given),
                conv(rng, size, (inputs, outputs), (1, 1), per_channel=False, **given),
                conv(rng, size, (16 * (outputs % 3 + 1), outputs), (1, 1), batch=2, **given),
                conv(rng, (5, 4), (30, 9), (5, 3), same=False, **given),
                conv(rng, size, (16 * (inputs % 3 + 1), outputs), (3, 3), batch=2, **given),
                conv(rng, (size[0] + 1, 8), (32, outputs), (2, 3), (2, 1), same=False, **given),
                conv(rng, (9, 9), (16, outputs), (4, 3), (1, 2), **given),
                conv(rng, (9, 11), (3, outputs), (3, 3), (2, 2), **given),
                conv(rng, (13, 10), (1, outputs), (10, 4), (2, 1), **given),
                conv(rng, (1, 23), (1, outputs), (1, 9), (1, 2), **given),
                conv(rng, (4, 9), (16, outputs), (1, 1), (2, 2), **given),
                conv(rng, size, (16 + outputs, 1), (3, 3), (2, 1), depthwise=True, **given),
                conv(rng, (1, 20), (24, 1), (1, 9), (1, 2), depthwise=True, **given),
                conv(rng, (7, 6), (17, 1), (5, 2), same=False, depthwise=True, **given),
                dense(rng, 16 * inputs + outputs, outputs, vectors=2, **given),
                dense(rng, 300, 7, 1, vectors=2, per_channel=True, **given),
            ]
    assert_twins_agree(cases, tmp_path, monkeypatch)


def test_the_sums_of_a_group_of_taps_fit_16_bit(tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    cases = []
    for largest in (20, 60, 85, 127):
        weights = rng.choice([-largest, largest], (1, 3, 3, 16))
        cases.append(conv(rng, (4, 5), (16, 1), depthwise=True, scales=(0.1, 0.02, 9.0), w_data=weights))
    groups = [lowered(case.model, "litert")[1].params["group"] for case in cases]
    assert groups == [3, 3, 3, 2]
    assert_twins_agree(cases, tmp_path, monkeypatch)


def test_what_the_kernels_cannot_do_is_left_to_the_portable_ones():
    rng = np.random.default_rng(2)
    refused = [
        conv(rng, dilation=(2, 1)),
        conv(rng, channels=(4, 6), groups=2),
        conv(rng, scales=(0.1, 9.0, 0.1)),
        conv(rng, channels=(8, 1), depthwise=True),
        conv(rng, channels=(16, 2), depthwise=True),
        mean(rng, (2, 3, 4, 5), (3,)),
    ]
    assert [lowered(case.model, "litert")[1] for case in refused] == [None] * len(refused)


def branches(rng: np.random.Generator, channels: int, point: int) -> bytes:
    """A model of many layers that read the same input, each to an output of its own."""
    shape, scale = (1, 6, 7, channels), 0.1
    tensors = [T("x", shape, scale=scale, zero_point=point), T("gate", (1, 1, 1, channels), scale=0.2)]
    ops: list[Op] = []

    def add(op: str, inputs: list[str], output: Sequence[int], out_scale: float, **options: int) -> None:
        name = f"y{len(ops)}"
        out_point = int(rng.choice(ENDS)) if op != "AVERAGE_POOL_2D" else point
        if options.get("fused_activation_function") == 1:
            out_point = -128  # where kernels do without a clamp
        tensors.append(T(name, output, scale=out_scale, zero_point=out_point))
        ops.append(Op(op, inputs, [name], options, version=2))

    def window(kernel: tuple[int, int], stride: int, outputs: int, activation: int, depthwise: bool) -> None:
        name = f"w{len(ops)}"
        filters = (1, *kernel, channels) if depthwise else (outputs, *kernel, channels)
        scales = np.asarray(0.02 * rng.uniform(0.3, 2, outputs), np.float32)
        tensors.append(
            T(name, filters, scale=scales, axis=3 if depthwise else 0, data=rng.integers(-127, 128, filters))
        )
        bias = rng.integers(-3000, 3000, outputs)
        tensors.append(T(f"b{len(ops)}", (outputs,), "int32", scale=np.float32(scale) * scales, data=bias))
        extents = [-(-n // stride) for n in shape[1:3]]
        depth = int(np.prod(kernel)) * (1 if depthwise else channels)
        made = float(0.1 * 0.02 * 50 * np.sqrt(depth))
        add(
            "DEPTHWISE_CONV_2D" if depthwise else "CONV_2D",
            ["x", name, f"b{len(ops)}"],
            (1, *extents, outputs),
            made,
            padding=0,
            stride_h=stride,
            stride_w=stride,
            fused_activation_function=activation,
            **({"depth_multiplier": 1} if depthwise else {}),
        )

    for activation in (0, 1, 3):
        window((1, 1), 1, 5 + activation, activation, False)
        window((3, 3), 1, 9, activation, False)
        window((5, 4), 2, 6, activation, False)
        window((2, 1), 1, 3, activation, False)
        window((2, 1), 2, 5, activation, False)
        for kernel, stride in (((1, 1), 1), ((3, 3), 1), ((5, 4), 2), ((2, 1), 2)):
            window(kernel, stride, 8, activation, False)
        window((3, 3), 1, channels, activation, True)
        window((1, 9), 2, channels, activation, True)
    add("MUL", ["x", "gate"], shape, 0.3, fused_activation_function=0)
    pool = {"padding": 0, "stride_h": 2, "stride_w": 3, "filter_height": 3, "filter_width": 4}
    add("AVERAGE_POOL_2D", ["x"], (1, 3, 3, channels), scale, **pool, fused_activation_function=0)
    tensors.append(T("axes", (2,), "int32", data=(1, 2)))
    add("MEAN", ["x", "axes"], (1, channels), 0.03, keep_dims=0)
    flat = int(np.prod(shape))
    for outputs in (4, 13):
        name = f"w{len(ops)}"
        tensors.append(T(name, (outputs, flat), scale=0.01, data=rng.integers(-127, 128, (outputs, flat))))
        tensors.append(
            T(f"b{len(ops)}", (outputs,), "int32", scale=0.001, data=rng.integers(-999, 999, outputs))
        )
        add("FULLY_CONNECTED", ["x", name, f"b{len(ops)}"], (1, outputs), 0.05 * np.sqrt(flat))
    return build(tensors, ops, ["x", "gate"], [op.outputs[0] for op in ops])


@pytest.mark.board
@pytest.mark.parametrize(("channels", "numerics"), [(16, "litert"), (27, "tflm"), (48, "litert")])
def test_an_emulated_cortex_m55_equals_the_reference(tmp_path, channels, numerics):
    from edgekit.device import boards
    from edgekit.pipeline import export
    from edgekit.pipeline.model_file import ModelFile

    model = branches(np.random.default_rng(channels), channels, ENDS[channels % 3])
    program = compile_model(model, "branches.tflite", Target("cortex-m55", HELIUM, numerics, "speed"))
    assert {step.feature for step in program.lowering.steps} == {"mve"}
    (tmp_path / "branches.tflite").write_bytes(model)
    source = ModelFile.open(tmp_path / "branches.tflite")
    board = boards.load("mps3-an547")
    made = export.build_export(source, board, numerics=numerics, optimize="speed")
    export.write(made, tmp_path / "out")
    (record,) = validate(tmp_path / "out", ["mps3-an547"], Source(random=40, seed=1), timeout=60.0)
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 40, 0)

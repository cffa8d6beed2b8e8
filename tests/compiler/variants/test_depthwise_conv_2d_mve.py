"""DEPTHWISE_CONV_2D with Helium: twins equal the portable kernel, instructions the reference."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.ops.base import Target
from edgekit.compiler.tflite.reader import read
from edgekit.compiler.variants import depthwise_conv_2d_mve as blocks
from edgekit.compiler.variants import depthwise_conv_2d_planes_mve as planes
from edgekit.compiler.variants import depthwise_conv_2d_strips_mve as strips
from edgekit.device import boards
from edgekit.pipeline import export
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.validate import Source, validate
from tests.compiler.ops.filters import conv
from tests.compiler.ops.harness import Case
from tests.compiler.variants.dsp import assert_twins_equal, joined, taken

ENDS = (-128, 127, 5)


def depthwise(rng: np.random.Generator, size, channels: int, kernel, stride=(1, 1), **given) -> Case:
    return conv(rng, size, (channels, 1), kernel, stride, depthwise=True, **given)


def cases(rng: np.random.Generator) -> list[Case]:
    made = []
    shapes = [
        ((5, 4), 3, (3, 3), (1, 1), {}),
        ((1, 1), 5, (3, 3), (1, 1), {}),
        ((2, 3), 1, (3, 3), (1, 1), {}),
        ((9, 5), 17, (3, 3), (1, 1), {"same": False}),
        ((5, 9), 8, (2, 3), (1, 1), {}),
        ((5, 9), 8, (3, 2), (1, 1), {"batch": 2}),
        ((12, 13), 8, (3, 3), (1, 1), {}),
        ((25, 5), 18, (3, 3), (1, 1), {}),
        ((1, 40), 24, (1, 9), (1, 2), {}),
        ((1, 41), 24, (1, 9), (1, 1), {}),
        ((1, 23), 7, (1, 13), (1, 1), {}),
        ((1, 23), 7, (1, 7), (1, 3), {"same": False}),
        ((40, 1), 19, (9, 1), (2, 1), {}),
        ((6, 21), 5, (1, 5), (2, 2), {}),
        ((21, 6), 5, (5, 1), (2, 3), {}),
        ((3, 7), 16, (3, 1), (1, 1), {}),
        ((4, 1), 20, (3, 3), (1, 1), {}),
        ((8, 10), 5, (3, 3), (1, 1), {"batch": 2}),
        ((10, 12), 6, (3, 3), (1, 1), {"same": False}),
        ((9, 13), 4, (2, 2), (1, 1), {"same": False}),
    ]
    for number, (size, channels, kernel, stride, given) in enumerate(shapes):
        point = ENDS[number % 3]
        # The output's zero point and scale let the clamp be that of int8.
        scales = (0.1, 0.02, float(rng.uniform(0.02, 0.3)))
        points = (point, -128 if number % 2 else int(rng.integers(-128, 128)))
        made.append(
            depthwise(
                rng,
                size,
                channels,
                kernel,
                stride,
                scales=scales,
                zero_points=points,
                activation=number % 2,
                **given,
            )
        )
    return made


def narrow(rng: np.random.Generator) -> list[Case]:
    """Cases whose rows under a window fit into a vector."""
    made = []
    for number, (size, channels, kernel, stride, given) in enumerate(
        [
            ((25, 5), 9, (3, 3), (1, 1), {}),
            ((9, 5), 20, (3, 3), (1, 1), {"batch": 2}),
            ((6, 6), 18, (3, 3), (1, 1), {"batch": 2}),
            ((7, 6), 3, (3, 3), (2, 1), {}),
            ((8, 4), 1, (4, 4), (1, 1), {}),
            ((6, 6), 17, (3, 3), (1, 1), {"same": False}),
            ((5, 8), 5, (2, 3), (1, 1), {}),
            ((4, 12), 6, (2, 4), (1, 2), {}),
            ((19, 5), 4, (3, 2), (3, 1), {"batch": 3}),
        ]
    ):
        scales = (0.1, 0.02, float(rng.uniform(0.02, 0.3)))
        points = (ENDS[number % 3], -128 if number % 2 else int(rng.integers(-128, 128)))
        given = {"scales": scales, "zero_points": points, "activation": number % 2, **given}
        made.append(depthwise(rng, size, channels, kernel, stride, **given))
    return made


def wide(rng: np.random.Generator) -> list[Case]:
    """Cases of at least sixteen channels."""
    made = []
    for number, (size, channels, kernel, stride) in enumerate(
        [
            ((4, 5), 16, (3, 3), (2, 2)),
            ((5, 4), 17, (3, 3), (1, 1)),
            ((1, 1), 33, (3, 3), (1, 1)),
            ((7, 6), 31, (5, 2), (1, 3)),
            ((1, 20), 24, (1, 9), (1, 4)),
            ((13, 1), 40, (4, 1), (2, 1)),
        ]
    ):
        given = {"zero_points": (ENDS[number % 3], 7), "scales": (0.1, 0.02, 0.1), "activation": number % 4}
        made.append(depthwise(rng, size, channels, kernel, stride, **given))
        if min(size) >= max(kernel):
            made.append(depthwise(rng, size, channels, kernel, stride, same=False, batch=2, **given))
    return made


def test_the_twin_of_blocks_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = wide(np.random.default_rng(2))
    assert taken(blocks.VARIANT, made) == made
    assert_twins_equal(blocks.VARIANT, made, tmp_path, monkeypatch)


def test_the_twin_of_planes_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(planes, "_cost", lambda *_: 0)
    made = narrow(np.random.default_rng(5))
    assert taken(planes.VARIANT, made, "speed") == made and taken(planes.VARIANT, made) == []
    assert_twins_equal(planes.VARIANT, made, tmp_path, monkeypatch, ("speed",))


@pytest.mark.parametrize("whole", [False, True])
def test_the_twin_of_strips_equals_the_portable_kernel(whole, tmp_path, monkeypatch) -> None:
    def ways(vertical, horizontal, target):
        return [
            strips._Strips(vertical, horizontal, False, whole),
            *([strips._Strips(horizontal, vertical, True, True)] if whole else []),
        ]

    monkeypatch.setattr(strips, "_ways", ways)
    made = taken(strips.VARIANT, cases(np.random.default_rng(1)))
    assert len(made) > (12 if whole else 8)
    assert_twins_equal(strips.VARIANT, made, tmp_path, monkeypatch)


def test_strips_that_cannot_lie_on_their_input_are_for_speed_alone() -> None:
    rng = np.random.default_rng(3)
    made = {}
    for case in (
        depthwise(rng, (25, 5), 16, (3, 3), scales=(0.1, 0.02, 0.1)),
        depthwise(rng, (24, 24), 16, (3, 3), scales=(0.1, 0.02, 0.1)),
    ):
        graph = read(case.model, "test.tflite").main
        for goal in ("speed", "balanced"):
            target = Target("cortex-m55", frozenset({"mve"}), optimize=goal)
            call = strips.VARIANT.lower(graph.view(graph.nodes[0]), target)
            made.setdefault(goal, []).append(call is not None)
    assert made == {"speed": [True, True], "balanced": [False, True]}


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(planes, "_cost", lambda *_: 0)
    rng = np.random.default_rng(4)
    made = [*cases(rng), *wide(rng), *narrow(rng)]
    path = tmp_path / "joined.tflite"
    path.write_bytes(joined(made))
    for goal in ("speed", "balanced"):
        exported = export.build_export(ModelFile.open(path), boards.load("mps3-an547"), optimize=goal)
        kernels = {step.call.kernel for step in exported.program.lowering.steps if step.call}
        assert {"ek_depthwise_strips_s8_mve", "ek_depthwise_conv2d_s8_mve"} <= kernels
        assert ("ek_depthwise_planes_s8_mve" in kernels) == (goal == "speed")
        apart = [step.call.params.get("apart") for step in exported.program.lowering.steps if step.call]
        assert (apart.count(True) >= 3) == (goal == "speed")
        export.write(exported, tmp_path / goal)
        (record,) = validate(tmp_path / goal, ["mps3-an547"], Source(random=8), timeout=120.0)
        assert record.status == "held", record

"""DEPTHWISE_CONV_2D of 3 x 3 and stride 2 by SIMD multiplication gives the portable kernel's bytes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from edgekit.compiler.variants.depthwise_conv_2d_3x3_stride2_dsp import VARIANT
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken

depthwise = partial(conv, depthwise=True, stride=(2, 2), scales=(0.1, 0.005, 0.3))


def cases(rng: np.random.Generator) -> list:
    made = [
        depthwise(rng, size, (channels, 1), same=same, activation=activation)
        for size, channels, same, activation in [
            ((5, 5), 8, True, 1),
            ((4, 7), 4, True, 0),
            ((1, 1), 4, True, 1),
            ((1, 4), 8, True, 0),
            ((6, 1), 4, True, 3),
            ((2, 2), 4, True, 2),
            ((3, 3), 4, False, 1),
            ((6, 9), 4, False, 0),
            ((5, 4), 12, False, 3),
            ((4, 55), 4, True, 1),
            ((3, 19), 4, False, 0),
        ]
    ]
    made.append(depthwise(rng, (4, 3), (4, 1), batch=3, per_channel=False))
    for zero_points in [(-128, -128), (127, 127), (-128, 127), (127, -128)]:
        for activation in (0, 1, 3):
            made.append(depthwise(rng, channels=(4, 1), zero_points=zero_points, activation=activation))
    for scale in (0.5, 0.05, 1e-6):  # of the outputs: saturated, hardly moved, constant
        for activation in (0, 1):
            scales = (0.01 * scale, 0.005, 0.002)
            made.append(depthwise(rng, channels=(4, 1), scales=scales, activation=activation))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch)


def test_what_does_not_fit_is_left_to_others() -> None:
    rng = np.random.default_rng(2)
    others = [
        depthwise(rng, channels=(6, 1)),
        depthwise(rng, channels=(4, 2)),
        depthwise(rng, channels=(4, 1), stride=(1, 2)),
        depthwise(rng, channels=(4, 1), dilation=(2, 1), stride=(1, 1)),
        depthwise(rng, channels=(4, 1), kernel=(3, 2)),
        depthwise(rng, channels=(4, 1), scales=(0.1, 0.1, 0.1)),
    ]
    assert taken(VARIANT, others) == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(4))
    assert_board_equals_reference("mps2-an386", [joined(made[:15]), joined(made[15:])], tmp_path)

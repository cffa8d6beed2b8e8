"""DEPTHWISE_CONV_2D by SIMD multiplication gives the portable kernel's bytes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from edgekit.compiler.variants.depthwise_conv_2d_dsp import VARIANT
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken

depthwise = partial(conv, depthwise=True, scales=(0.1, 0.005, 0.3))


def cases(rng: np.random.Generator) -> list:
    made = [
        depthwise(rng, size, (channels, 1), kernel, stride, same=same, activation=activation)
        for size, channels, kernel, stride, same, activation in [
            ((5, 5), 8, (3, 3), (1, 1), True, 1),
            ((4, 37), 4, (3, 3), (1, 1), True, 0),
            ((6, 7), 4, (3, 3), (2, 2), True, 3),
            ((7, 6), 8, (3, 3), (2, 2), False, 2),
            ((1, 81), 4, (1, 9), (1, 2), True, 3),
            ((1, 90), 4, (1, 9), (1, 1), True, 0),
            ((3, 5), 8, (1, 9), (1, 1), True, 1),
            ((5, 9), 4, (1, 4), (2, 2), False, 0),
            ((9, 3), 4, (5, 2), (1, 1), True, 1),
            ((11, 1), 4, (4, 1), (1, 1), False, 0),
            ((9, 9), 4, (5, 5), (3, 3), True, 0),
            ((1, 1), 4, (3, 3), (1, 1), True, 0),
            ((2, 3), 4, (5, 5), (1, 1), True, 1),
            ((4, 5), 4, (1, 1), (1, 1), True, 0),
            ((7, 7), 4, (7, 7), (1, 1), False, 0),
        ]
    ]
    made.append(depthwise(rng, (4, 4), (4, 1), batch=3, per_channel=False))
    for zero_points in [(-128, -128), (127, 127), (-128, 127), (127, -128)]:
        for activation in (0, 1, 3):
            made.append(depthwise(rng, channels=(4, 1), zero_points=zero_points, activation=activation))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch)


def test_what_does_not_fit_is_left_to_the_portable_kernel() -> None:
    rng = np.random.default_rng(2)
    others = [
        depthwise(rng, channels=(3, 1)),
        depthwise(rng, channels=(4, 2)),
        depthwise(rng, channels=(4, 1), dilation=(2, 1)),
        depthwise(rng, channels=(4, 1), kernel=(9, 9)),
        depthwise(rng, channels=(4, 1), scales=(1.0, 1.0, 1.0)),
    ]
    assert taken(VARIANT, others) == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(4))
    assert_board_equals_reference("mps2-an386", [joined(made[:14]), joined(made[14:])], tmp_path)

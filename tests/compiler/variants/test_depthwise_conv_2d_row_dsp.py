"""DEPTHWISE_CONV_2D one row high by SIMD multiplication gives the portable kernel's bytes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from edgekit.compiler.variants.depthwise_conv_2d_row_dsp import VARIANT
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken

depthwise = partial(conv, depthwise=True, scales=(0.1, 0.005, 0.3))


def cases(rng: np.random.Generator) -> list:
    made = [
        depthwise(rng, size, (channels, 1), (1, taps), stride, same=same, activation=activation)
        for size, channels, taps, stride, same, activation in [
            ((1, 81), 8, 9, (1, 2), True, 3),
            ((1, 80), 4, 9, (1, 2), True, 0),
            ((1, 90), 4, 9, (1, 1), True, 0),
            ((1, 67), 4, 9, (1, 1), True, 1),
            ((3, 5), 8, 9, (1, 1), True, 1),
            ((1, 1), 4, 3, (1, 1), True, 1),
            ((1, 2), 4, 9, (2, 2), True, 0),
            ((5, 40), 4, 4, (2, 2), False, 0),
            ((2, 80), 4, 10, (1, 2), False, 1),
            ((4, 5), 4, 1, (1, 1), True, 0),
            ((4, 5), 4, 2, (3, 1), False, 2),
        ]
    ]
    made.append(depthwise(rng, (2, 9), (4, 1), (1, 5), batch=3, per_channel=False))
    for zero_points in [(-128, -128), (127, 127), (-128, 127), (127, -128)]:
        for activation, stride in [(0, 1), (1, 2), (3, 1)]:
            given = {"zero_points": zero_points, "activation": activation}
            made.append(depthwise(rng, (1, 11), (4, 1), (1, 7), (1, stride), **given))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch)


def test_what_does_not_fit_is_left_to_others() -> None:
    rng = np.random.default_rng(2)
    others = [
        depthwise(rng, (1, 9), (6, 1), (1, 3)),
        depthwise(rng, (1, 9), (4, 2), (1, 3)),
        depthwise(rng, (1, 9), (4, 1), (1, 3), (1, 3)),
        depthwise(rng, (1, 9), (4, 1), (1, 3), dilation=(1, 2)),
        depthwise(rng, (1, 9), (4, 1), (2, 3)),
        depthwise(rng, (1, 30), (4, 1), (1, 10)),
        depthwise(rng, (1, 9), (4, 1), (1, 3), scales=(0.1, 0.1, 0.1)),
    ]
    assert taken(VARIANT, others) == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(4))
    assert_board_equals_reference("mps2-an386", [joined(made)], tmp_path)

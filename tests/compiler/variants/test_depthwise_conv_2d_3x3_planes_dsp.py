"""DEPTHWISE_CONV_2D of 3 x 3 in small pictures gives the portable kernel's bytes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from edgekit.compiler.variants.depthwise_conv_2d_3x3_planes_dsp import VARIANT
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken

SPEED = "speed"
depthwise = partial(conv, depthwise=True, scales=(0.1, 0.005, 0.3), activation=1)


def cases(rng: np.random.Generator) -> list:
    made = [
        depthwise(rng, size, (channels, 1), activation=activation)
        for size, channels, activation in [
            ((5, 5), 8, 1),
            ((25, 5), 8, 1),
            ((1, 3), 4, 1),
            ((2, 3), 4, 3),
            ((3, 7), 12, 3),
            ((30, 9), 4, 1),
            ((29, 3), 4, 3),
        ]
    ]
    made.append(depthwise(rng, (4, 3), (4, 1), batch=3, per_channel=False))
    for zero_points in [(-128, -128), (127, -128), (-128, 5), (127, 127), (3, -100)]:
        for activation in (1, 3):
            made.append(depthwise(rng, (6, 5), (4, 1), zero_points=zero_points, activation=activation))
    for scale in (0.5, 0.05, 1e-6):  # of the outputs: saturated, hardly moved, constant
        made.append(depthwise(rng, (3, 5), (4, 1), scales=(0.01 * scale, 0.005, 0.002)))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made, SPEED) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch, (SPEED,))


def test_what_does_not_fit_is_left_to_others() -> None:
    rng = np.random.default_rng(2)
    others = [
        depthwise(rng, (5, 4), (4, 1)),
        depthwise(rng, (5, 1), (4, 1)),
        depthwise(rng, (31, 5), (4, 1)),
        depthwise(rng, (5, 5), (4, 1), same=False),
        depthwise(rng, (5, 5), (4, 1), activation=0),
        depthwise(rng, (5, 5), (6, 1)),
        depthwise(rng, (5, 5), (4, 1), stride=(2, 2)),
    ]
    assert taken(VARIANT, others, SPEED) == []
    assert taken(VARIANT, [depthwise(rng, (5, 5), (4, 1))], "balanced") == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(4))
    assert_board_equals_reference("mps2-an386", [joined(made)], tmp_path, goals=(SPEED,))

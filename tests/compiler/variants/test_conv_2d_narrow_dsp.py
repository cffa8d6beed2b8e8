"""CONV_2D of small windows in one row gives the portable kernel's bytes."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from edgekit.compiler.variants.conv_2d_narrow_dsp import VARIANT
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import (
    assert_board_equals_reference,
    assert_twins_equal,
    joined,
    lower,
    taken,
)

GOALS = ("speed", "ram")  # tiles of many pixels and of few
narrow = partial(conv, scales=(0.1, 0.005, 0.3))


def random_case(rng: np.random.Generator):
    inputs = int(rng.integers(1, 10))
    kernel = int(rng.integers(1, 9 // inputs + 1))
    return narrow(
        rng,
        (int(rng.integers(1, 6)), int(rng.integers(24, 40))),
        channels=(inputs, int(rng.integers(1, 8))),
        kernel=(1, kernel),
        stride=(int(rng.integers(1, 3)), int(rng.integers(1, 4))),
        same=bool(rng.integers(4)),
        batch=int(rng.integers(1, 3)),
        activation=int(rng.integers(4)),
    )


def cases(rng: np.random.Generator) -> list:
    made = [
        narrow(
            rng, size, channels=channels, kernel=(1, kernel), stride=stride, same=same, activation=activation
        )
        for size, channels, kernel, stride, same, activation in [
            ((12, 12), (8, 6), 1, (1, 1), True, 1),
            ((1, 300), (1, 3), 9, (1, 2), True, 3),
            ((1, 9), (1, 3), 9, (1, 1), True, 1),
            ((8, 1), (9, 2), 1, (1, 1), True, 0),
            ((2, 4), (3, 2), 3, (1, 1), True, 0),
            ((5, 17), (1, 5), 7, (1, 2), True, 0),
            ((4, 9), (2, 4), 4, (2, 1), False, 2),
            ((9, 3), (1, 1), 1, (1, 1), True, 0),
        ]
    ]
    made += [random_case(rng) for _ in range(12)]
    for zero_points in [(-128, -128), (127, 127), (-128, 127), (127, -128)]:
        for activation in (0, 1):
            for inputs in (2, 3):  # windows of six bytes, and of nine
                made.append(
                    narrow(
                        rng,
                        channels=(inputs, 3),
                        kernel=(1, 3),
                        zero_points=zero_points,
                        activation=activation,
                    )
                )
    for scale in (0.5, 0.05, 1e-6):  # of the outputs: saturated, hardly moved, constant
        made.append(narrow(rng, channels=(4, 4), kernel=(1, 2), scales=(0.01 * scale, 0.005, 0.002)))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch, GOALS)


def test_what_does_not_fit_is_left_to_others() -> None:
    rng = np.random.default_rng(2)
    others = [
        narrow(rng, channels=(10, 4), kernel=(1, 1)),
        narrow(rng, channels=(5, 4), kernel=(1, 2)),
        narrow(rng, channels=(2, 4), kernel=(2, 1)),
        narrow(rng, channels=(2, 4), kernel=(1, 2), dilation=(1, 2)),
        narrow(rng, (1, 7), channels=(8, 4), kernel=(1, 1)),
        narrow(rng, channels=(4, 4), kernel=(1, 2), scales=(1.0, 1.0, 1.0)),
    ]
    assert taken(VARIANT, others) == []


def test_flash_stays_near_the_weights() -> None:
    model = narrow(np.random.default_rng(3), channels=(8, 16), kernel=(1, 1)).model
    call = lower(VARIANT, model, "litert")[1]
    assert call is not None
    assert sum(constant.data.nbytes for constant in call.constants) == 16 * (8 + 8)


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(4))
    models = [joined(made[::2]), joined(made[1::2])]
    assert_board_equals_reference("mps2-an386", models, tmp_path, vectors=8, goals=GOALS)

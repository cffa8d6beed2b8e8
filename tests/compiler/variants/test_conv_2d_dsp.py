"""CONV_2D by SIMD multiplication gives the portable kernel's bytes."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.variants.conv_2d_dsp import VARIANT
from tests.compiler.ops.filters import conv
from tests.compiler.variants.dsp import (
    assert_board_equals_reference,
    assert_twins_equal,
    joined,
    lower,
    taken,
)

NARROW = (0.1, 0.005, 0.5)  # a multiplier below 1/2, sums that reach every output


def random_case(rng: np.random.Generator):
    kernel = (int(rng.integers(1, 6)), int(rng.integers(1, 6)))
    return conv(
        rng,
        (int(rng.integers(kernel[0], 12)), int(rng.integers(kernel[1], 12))),
        (int(rng.choice([1, 2, 3, 4, 5, 8, 12, 19])), int(rng.integers(1, 9))),
        kernel,
        (int(rng.integers(1, 4)), int(rng.integers(1, 4))),
        same=bool(rng.integers(4)),
        batch=int(rng.integers(1, 3)),
        scales=(0.1, 0.003, 0.4),
        zero_points=(int(rng.choice([-128, 3, 127])), int(rng.choice([-128, -7, 127]))),
        activation=int(rng.integers(4)),
    )


def cases(rng: np.random.Generator) -> list:
    made = [
        conv(rng, size, channels, kernel, stride, same=same, activation=activation, scales=NARROW)
        for size, channels, kernel, stride, same, activation in [
            ((5, 5), (8, 6), (1, 1), (1, 1), True, 1),
            ((1, 7), (24, 5), (1, 1), (1, 1), True, 0),
            ((6, 4), (3, 1), (1, 1), (2, 2), True, 3),
            ((7, 9), (3, 8), (3, 3), (1, 1), True, 0),
            ((9, 7), (4, 7), (3, 3), (2, 2), False, 1),
            ((1, 21), (1, 6), (1, 9), (1, 2), True, 3),
            ((13, 6), (1, 4), (10, 4), (2, 2), True, 1),
            ((2, 2), (5, 3), (5, 7), (1, 1), True, 2),
            ((4, 3), (7, 9), (4, 3), (1, 1), False, 0),
        ]
    ]
    made += [
        conv(rng, (9, 5), (2, 4), (3, 1), dilation=(3, 1), scales=NARROW),
        conv(rng, (4, 4), (4, 4), (3, 3), batch=3, scales=NARROW, per_channel=False),
    ]
    made += [random_case(rng) for _ in range(16)]
    for zero_points in [(-128, -128), (127, 127), (-128, 127), (127, -128)]:
        for activation in (0, 1, 3):
            scale = float(rng.uniform(0.001, 0.01))
            made.append(conv(rng, scales=(0.1, scale, 0.3), zero_points=zero_points, activation=activation))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch)


def test_what_does_not_fit_the_arithmetic_is_left_to_the_portable_kernel() -> None:
    rng = np.random.default_rng(2)
    assert taken(VARIANT, [conv(rng, scales=(1.0, 1.0, 1.0))]) == []
    assert taken(VARIANT, [conv(rng, dilation=(1, 2), scales=NARROW)]) == []
    assert taken(VARIANT, [conv(rng, (1, 1), (600, 4), (1, 1), w_data=np.full((4, 1, 1, 600), 127))]) == []


def test_rows_are_joined_as_far_as_a_parameter_holds_their_length() -> None:
    def sizes(height: int, width: int) -> tuple | None:
        c = conv(np.random.default_rng(5), (height, width), (1, 2), (1, 1), scales=NARROW)
        call = lower(VARIANT, c.model, "litert")[1]
        return call and (call.params["input_height"], call.params["output_width"])

    assert sizes(255, 257) == (1, 65535)
    assert sizes(256, 256) == (256, 256)
    assert sizes(1, 65536) is None


def test_flash_stays_near_the_weights() -> None:
    c = conv(np.random.default_rng(3), (5, 5), (64, 64), (1, 1), scales=NARROW)
    call = lower(VARIANT, c.model, "litert")[1]
    assert call is not None
    assert sum(constant.data.nbytes for constant in call.constants) == 64 * (64 + 8)


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(4))
    models = [joined(made[::2]), joined(made[1::2])]
    assert_board_equals_reference("mps2-an386", models, tmp_path, goals=("balanced", "ram"))

"""FULLY_CONNECTED by SIMD multiplication gives the portable kernel's bytes, with either rounding."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.variants.fully_connected_dsp import VARIANT
from tests.compiler.ops.test_fully_connected import dense
from tests.compiler.variants.dsp import (
    assert_board_equals_reference,
    assert_twins_equal,
    joined,
    lower,
    taken,
)

GOALS = ("balanced", "speed")


def cases(rng: np.random.Generator) -> list:
    made = []
    for inputs, outputs, batch, activation in [
        (1, 1, 1, 0),
        (3, 4, 2, 1),
        (4, 5, 1, 3),
        (8, 8, 3, 2),
        (16, 4, 2, 0),
        (17, 9, 1, 0),
        (64, 12, 1, 1),
        (104, 8, 1, 1),
        (200, 6, 2, 0),
    ]:
        for zero_points in [(3, -7), (-128, -128), (127, 127), (89, -128)]:
            weight_scale = float(rng.uniform(0.02, 0.2)) / inputs**0.5
            made.append(dense(rng, inputs, outputs, batch, (0.1, weight_scale, 0.2), zero_points, activation))
    return made


def test_the_twin_equals_the_portable_kernel(tmp_path, monkeypatch) -> None:
    made = cases(np.random.default_rng(1))
    assert taken(VARIANT, made) == made
    assert_twins_equal(VARIANT, made, tmp_path, monkeypatch, GOALS)


def test_what_does_not_fit_the_arithmetic_is_left_to_the_portable_kernel() -> None:
    rng = np.random.default_rng(2)
    assert taken(VARIANT, [dense(rng, scales=(1.0, 1.0, 1.0)), dense(rng, scales=(1e-9, 1.0, 1.0))]) == []


def test_scratch_is_for_speed() -> None:
    wanted = {("speed", 64): 128, ("balanced", 64): 0, ("ram", 64): 0, ("ram", 12): 32}
    for (goal, inputs), scratch in wanted.items():
        c = dense(np.random.default_rng(4), inputs, 4, scales=(0.1, 0.005, 0.2))
        call = lower(VARIANT, c.model, "litert", goal)[1]
        assert call is not None and call.scratch_bytes == scratch


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    made = cases(np.random.default_rng(3))
    models = [joined(made[::2]), joined(made[1::2])]
    assert_board_equals_reference("mps2-an386", models, tmp_path, goals=GOALS)

"""MEAN over rows and AVERAGE_POOL_2D over a whole input give the portable kernels' bytes."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.variants import average_pool_2d_dsp, mean_dsp
from tests.compiler.ops.harness import Case
from tests.compiler.ops.test_mean import mean
from tests.compiler.ops.test_pooling import pool
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken


def means(rng: np.random.Generator) -> list[Case]:
    made = [
        mean(rng, (1, rows, 1, 8), (1, 2), True, (0.1, ratio * 0.1), points)
        for rows, ratio in [(2, 1.0), (7, 0.3), (256, 0.01), (257, 1.0), (600, 0.02), (19, 5.0)]
        for points in [(3, 3), (-128, -128), (127, -128)]
    ]
    for c in made:
        c.vectors[0][1] = -128  # sums that just fit a halfword
        c.vectors[0][2] = 127
    return [*made, mean(rng, (1, 5, 6, 4), (1, 2))]


def pools(rng: np.random.Generator) -> list[Case]:
    return [
        pool(rng, "AVERAGE_POOL_2D", size, size, size, same, channels=8, batch=batch, activation=activation)
        for size in [(5, 5), (25, 5), (1, 3), (20, 31)]
        for same, batch, activation in [(False, 1, 0), (True, 2, 1)]
    ]


def test_the_twins_equal_the_portable_kernels(tmp_path, monkeypatch) -> None:
    rng = np.random.default_rng(1)
    for module, made in [(mean_dsp, means(rng)), (average_pool_2d_dsp, pools(rng))]:
        assert taken(module.VARIANT, made) == made
        assert_twins_equal(module.VARIANT, made, tmp_path, monkeypatch)


def test_other_axes_windows_and_channels_are_left_to_the_portable_kernels() -> None:
    rng = np.random.default_rng(2)
    assert taken(mean_dsp.VARIANT, [mean(rng, (1, 4, 4, 8), (3,)), mean(rng, (1, 4, 4, 6), (1, 2))]) == []
    others = [
        pool(rng, "AVERAGE_POOL_2D", channels=8),
        pool(rng, "AVERAGE_POOL_2D", (3, 3), (3, 3), same=False),
    ]
    assert taken(average_pool_2d_dsp.VARIANT, others) == []


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    rng = np.random.default_rng(3)
    whole = joined([*means(rng)[:12], *pools(rng)[:4]])
    assert_board_equals_reference("mps2-an386", [whole], tmp_path, vectors=20)

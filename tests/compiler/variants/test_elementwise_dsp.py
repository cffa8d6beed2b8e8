"""ADD and SUB as linear forms, and MAX_POOL_2D by words, give the portable kernels' bytes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from edgekit.compiler.variants import add_dsp, max_pool_2d_dsp, sub_dsp
from edgekit.compiler.variants.dsp import linear
from tests.compiler.ops.harness import Case
from tests.compiler.ops.test_elementwise import binary
from tests.compiler.ops.test_pooling import pool
from tests.compiler.variants.dsp import assert_board_equals_reference, assert_twins_equal, joined, taken

PAIRS = (1, 256, 256, 1)  # all of them


def sums(rng: np.random.Generator, op: str) -> list[Case]:
    """Returns cases, some of them over all pairs of inputs; equal scales have ties."""
    scales = [(0.1, 0.1, 0.2), (0.05, 0.05, 0.05), (0.1, 0.003, 0.11), (0.02, 0.06, 0.013), (1e-5, 1.0, 1.0)]
    points = [(3, -7, 11), (-128, -128, -128), (127, -128, 0), (127, 127, 127)]
    made = []
    for number, (scale, point) in enumerate(itertools.product(scales, points)):
        shape = PAIRS if number % 7 == 0 else (1, 3, int(rng.integers(1, 9)))
        made.append(binary(rng, op, shape, shape, scale, point, activation=number % 3, vectors=1))
        if shape == PAIRS:
            first, second = np.meshgrid(
                np.arange(-128, 128, dtype=np.int8), np.arange(-128, 128, dtype=np.int8)
            )
            made[-1].vectors = [first.reshape(1, *PAIRS), second.reshape(1, *PAIRS)]
    return made


def pools(rng: np.random.Generator) -> list[Case]:
    return [
        pool(rng, "MAX_POOL_2D", size, kernel, stride, same, channels, batch, activation)
        for size, kernel, stride, same, channels, batch, activation in [
            ((1, 13), (1, 2), (1, 2), True, 24, 1, 0),
            ((1, 13), (1, 2), (1, 2), False, 4, 2, 1),
            ((7, 5), (2, 2), (2, 2), True, 8, 1, 0),
            ((7, 6), (3, 3), (2, 1), True, 4, 1, 3),
            ((4, 3), (4, 3), (1, 1), False, 12, 3, 2),
        ]
    ]


def test_the_twins_equal_the_portable_kernels(tmp_path, monkeypatch) -> None:
    rng = np.random.default_rng(1)
    for variant, made in [
        (add_dsp.VARIANT, sums(rng, "ADD")),
        (sub_dsp.VARIANT, sums(rng, "SUB")),
        (max_pool_2d_dsp.VARIANT, pools(rng)),
    ]:
        assert taken(variant, made) == made
        assert_twins_equal(variant, made, tmp_path, monkeypatch)


def test_what_has_no_linear_form_is_left_to_the_portable_kernels() -> None:
    rng = np.random.default_rng(2)
    others = [
        binary(rng, "ADD", (1, 4), (1, 1)),
        binary(rng, "ADD", (1, 4), (1, 4), constant=1),
        binary(rng, "ADD", (1, 4), (1, 4), scales=(1.0, 1.0, 1e-3)),
    ]
    assert taken(add_dsp.VARIANT, others) == []
    assert taken(max_pool_2d_dsp.VARIANT, [pool(rng, "MAX_POOL_2D", channels=6)]) == []
    bent = np.add.outer(linear.VALUES, linear.VALUES % 2 * 5)
    assert linear.form(np.clip(bent, -128, 127), 1.0, 0.0) is None


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    rng = np.random.default_rng(3)
    small = [c for op in ("ADD", "SUB") for c in sums(rng, op) if "256" not in c.name]
    assert_board_equals_reference(
        "mps2-an386", [joined(small[:15] + pools(rng)[:1]), joined(pools(rng)[1:])], tmp_path
    )

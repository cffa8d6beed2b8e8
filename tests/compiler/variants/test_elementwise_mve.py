"""Elementwise kernels and pools for Helium: twins equal the portable kernels, instructions the reference."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.ops.base import KernelCall
from edgekit.compiler.variants import (
    add_mve,
    average_pool_2d_mve,
    max_pool_2d_mve,
    mean_mve,
    mul_mve,
    sub_mve,
)
from edgekit.compiler.variants.base import Variant
from tests.compiler.ops import harness
from tests.compiler.ops.harness import Case, case
from tests.compiler.ops.test_elementwise import binary
from tests.compiler.ops.test_mean import mean
from tests.compiler.ops.test_pooling import pool
from tests.compiler.tflite_writer import Op, T
from tests.compiler.variants.dsp import (
    assert_board_equals_reference,
    assert_twins_equal,
    joined,
    lower,
    taken,
)

ARITHMETIC: dict[str, Variant] = {"ADD": add_mve.VARIANT, "SUB": sub_mve.VARIANT, "MUL": mul_mve.VARIANT}
POINTS = [(-128, -128, -128), (127, 127, 127), (3, -128, -7), (-128, 127, 0)]
SHAPES = [
    ((1, 5, 7, 9), (1, 5, 7, 9)),
    ((1, 3, 4, 24), (1, 1, 1, 24)),
    ((1, 1, 1, 17), (1, 4, 5, 17)),
    ((2, 3, 4, 5), (1, 3, 1, 5)),
    ((1, 3, 1, 5), (1, 1, 4, 5)),
    ((1, 35), (1, 35)),
]


def arithmetic(rng: np.random.Generator, op: str) -> list[Case]:
    scales = (0.1034, 0.0701, 0.1213)
    cases = [
        binary(rng, op, *shapes, scales, points, activation)
        for shapes, points, activation in zip(SHAPES, POINTS * 2, (0, 1, 3, 0, 1, 2), strict=False)
    ]
    for _ in range(8):
        first, second = (float(s) for s in rng.uniform(0.01, 0.2, 2))
        scales = (first, second, max(first, second) * float(rng.uniform(0.5, 2)))
        points = tuple(int(p) for p in rng.integers(-128, 128, 3))
        cases.append(binary(rng, op, (3, 65), (3, 65), scales, points, int(rng.integers(4))))
    cases.append(binary(rng, op, (1, 50), (1, 50), (0.1, 0.1, 0.2), (0, 5, 0)))  # often half way between two
    # Products of a gate in steps of 1/256: every 256th lies half way between two outputs.
    cases.append(binary(rng, op, (40, 24), (1, 24), (0.1, 1 / 256, 0.1), (4, -128, 4)))
    return cases


@pytest.mark.parametrize("op", ARITHMETIC)
def test_the_twins_of_arithmetic_equal_the_portable_kernels(op: str, tmp_path, monkeypatch) -> None:
    cases = arithmetic(np.random.default_rng(1), op)
    chosen = taken(ARITHMETIC[op], cases)
    assert len(chosen) >= len(cases) - 1
    assert_twins_equal(ARITHMETIC[op], chosen, tmp_path, monkeypatch)


def test_all_pairs_of_values_add_up(tmp_path, monkeypatch) -> None:
    rng = np.random.default_rng(2)
    pairs_of = binary(rng, "ADD", (256, 256), (256, 256), (0.017, 0.05, 0.0305), (-128, -28, -128), 1)
    values = np.arange(-128, 128, dtype=np.int8)
    pairs = np.meshgrid(values, values)
    pairs_of.vectors = [pair[None] for pair in pairs]
    assert_twins_equal(add_mve.VARIANT, [pairs_of], tmp_path, monkeypatch)


def test_other_broadcasts_and_scales_are_left_to_other_kernels() -> None:
    rng = np.random.default_rng(3)
    scalar = binary(rng, "ADD", (1, 3, 4, 5), (1, 3, 4, 1))
    far = binary(rng, "ADD", (1, 9), (1, 9), (8.0, 8.0, 1e-4))
    assert taken(add_mve.VARIANT, [scalar, far]) == []
    assert taken(mul_mve.VARIANT, [binary(rng, "MUL", (1, 9), (1, 9), (1.0, 1.0, 1.0))]) == []


def windows(rng: np.random.Generator) -> list[Case]:
    cases = []
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        for number, channels in enumerate((1, 8, 15, 16, 24, 31, 64)):
            kernel = [(1, 1), (2, 2), (3, 2), (5, 6), (1, 4), (2, 1), (5, 5)][number]
            stride = (1 + number % 2, 1 + number % 3)
            point = (-128, 127, -5)[number % 3]
            cases.append(
                pool(rng, op, (5, 6), kernel, stride, True, channels, point=point, activation=number % 4)
            )
            cases.append(pool(rng, op, (7, 6), kernel, stride, False, channels, 2))
        cases += [
            pool(rng, op, (90, 1), (3, 1), (2, 1), True, 24),
            pool(rng, op, (9, 30), (9, 30), channels=9),
        ]
    return cases


def means(rng: np.random.Generator) -> list[Case]:
    return [
        mean(rng, shape, (1, 2), scales=(0.1, scale), points=points)
        for shape, scale, points in [
            ((1, 3, 4, 5), 0.1, (3, 3)),
            ((2, 7, 1, 24), 0.02, (-128, 127)),
            ((1, 10, 30, 33), 0.01, (127, -128)),
            ((1, 2, 1, 48), 0.01, (-5, 60)),
            ((1, 1, 300, 8), 0.3, (-128, -128)),
        ]
    ]


def tables(rng: np.random.Generator) -> list[Case]:
    return [
        case(
            f"HARD_SWISH {size}",
            [T("x", (1, size), scale=0.05, zero_point=3), T("y", (1, size), scale=0.04, zero_point=-100)],
            Op("HARD_SWISH", ["x"], ["y"], {}, version=1),
            rng,
        )
        for size in (3, 16, 37)
    ]


def test_fast_kernels_keep_the_memory_plan() -> None:
    rng = np.random.default_rng(4)
    for one in [*windows(rng)[:2], *windows(rng)[16:18], *means(rng)[:1]]:
        variant = {
            "AVERAGE": average_pool_2d_mve.VARIANT,
            "MAX": max_pool_2d_mve.VARIANT,
        }.get(one.name.split("_")[0], mean_mve.VARIANT)
        portable = harness.lower(one.model, "litert")[1]
        fast = lower(variant, one.model, "litert")[1]
        assert isinstance(portable, KernelCall) and fast is not None
        assert (fast.overlap, fast.scratch_bytes) == (portable.overlap, 0)


@pytest.mark.board
def test_the_instructions_equal_the_reference(tmp_path) -> None:
    rng = np.random.default_rng(5)
    sums = [one for op in ("ADD", "SUB") for one in arithmetic(rng, op)[:-1]]
    products = arithmetic(rng, "MUL")
    models = [joined([*sums, *products]), joined([*windows(rng), *means(rng), *tables(rng)])]
    assert_board_equals_reference("mps3-an547", models, tmp_path, vectors=6)

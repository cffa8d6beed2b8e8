"""Random shapes and arguments: every operator that moves elements equals both oracles."""

from __future__ import annotations

import numpy as np

from tests.compiler.ops.harness import Case, assert_exact
from tests.compiler.ops.movers import moved

LITERT = ("litert",)


def shape_of(source: np.random.Generator, rank: int, most: int = 6) -> tuple[int, ...]:
    return tuple(int(n) for n in source.integers(1, most + 1, rank))


def transposed(source: np.random.Generator) -> Case:
    shape = shape_of(source, int(source.integers(2, 6)), 4)
    order = [int(axis) for axis in source.permutation(len(shape))]
    return moved("TRANSPOSE", shape, tuple(shape[axis] for axis in order), [order])


def strided(source: np.random.Generator) -> Case:
    shape = shape_of(source, int(source.integers(1, 5)))
    begin, end, strides, result = [], [], [], []
    masks = dict.fromkeys(("begin_mask", "end_mask", "shrink_axis_mask"), 0)
    for axis, n in enumerate(shape):
        step = int(source.choice([-3, -2, -1, 1, 2, 3]))
        first, last = sorted(int(v) for v in source.integers(-n - 2, n + 2, 2))
        first, last = (first, last) if step > 0 else (last, first)
        drops = not source.integers(4)
        free = [bool(source.integers(2)) for _ in range(2)]
        kept = range(n)[None if free[0] else first : None if free[1] else last : step]
        if drops:
            first, step = int(source.integers(-n, n)), 1
            masks["shrink_axis_mask"] |= 1 << axis
        else:
            if not kept:
                free, kept = [True, True], range(n)[::step]
            masks["begin_mask"] |= free[0] << axis
            masks["end_mask"] |= free[1] << axis
            result.append(len(kept))
        begin.append(first)
        end.append(last)
        strides.append(step)
    return moved("STRIDED_SLICE", shape, tuple(result), [begin, end, strides], masks)


def tiled(source: np.random.Generator) -> Case:
    shape = shape_of(source, int(source.integers(1, 5)), 3)
    times = shape_of(source, len(shape), 3)
    made = tuple(n * m for n, m in zip(shape, times, strict=True))
    return moved("TILE", shape, made, [times], profiles=LITERT)


def mirrored(source: np.random.Generator) -> Case:
    shape = shape_of(source, int(source.integers(1, 5)))
    mode = int(source.integers(2))
    paddings = [[int(v) for v in source.integers(0, n + mode, 2)] for n in shape]
    made = tuple(n + sum(pair) for n, pair in zip(shape, paddings, strict=True))
    return moved("MIRROR_PAD", shape, made, [paddings], {"mode": mode}, version=2)


def resized(source: np.random.Generator) -> Case:
    shape = shape_of(source, 4, 9)
    size = tuple(int(n) for n in source.integers(1, 30, 2))
    way = [{}, {"align_corners": True}, {"half_pixel_centers": True}][source.integers(3)]
    op = ("RESIZE_NEAREST_NEIGHBOR", "RESIZE_BILINEAR")[source.integers(2)]
    return moved(op, shape, (shape[0], *size, shape[3]), [size], way, version=3)


def batched(source: np.random.Generator) -> Case:
    block, small = shape_of(source, 2, 3), shape_of(source, 4, 4)
    large = (small[0], small[1] * block[0], small[2] * block[1], small[3])
    crops = [[int(v) for v in source.integers(0, (n + 1) // 2, 2)] for n in large[1:3]]
    made = (large[0], *(n - sum(pair) for n, pair in zip(large[1:3], crops, strict=True)), large[3])
    batches = (small[0] * block[0] * block[1], *small[1:])
    if source.integers(2):
        return moved("BATCH_TO_SPACE_ND", batches, made, [block, crops])
    return moved("SPACE_TO_BATCH_ND", made, batches, [block, crops], profiles=LITERT)


def test_random_moves_equal_the_oracles(tmp_path) -> None:
    source = np.random.default_rng(7)
    makers = (transposed, strided, tiled, mirrored, resized, batched)
    assert_exact([make(source) for make in makers for _ in range(20)], tmp_path)

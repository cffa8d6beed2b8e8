"""TRANSPOSE, slices, TILE, BROADCAST_TO and blocks move elements of every type as both oracles do."""

from __future__ import annotations

from typing import Any

import pytest

from edgekit.compiler.ops.base import Alias
from tests.compiler.ops.harness import PROFILES, Case, assert_exact, lower, problems
from tests.compiler.ops.movers import moved

SHAPE = (2, 3, 4, 5)


def transpose(shape: tuple[int, ...], order: list[int], **given: Any) -> Case:
    return moved("TRANSPOSE", shape, tuple(shape[axis] for axis in order), [order], **given)


def box(shape: tuple[int, ...], begin: list[int], size: list[int], **given: Any) -> Case:
    made = tuple(n - b if s == -1 else s for n, b, s in zip(shape, begin, size, strict=True))
    return moved("SLICE", shape, made, [begin, size], **given)


def strided(
    shape: tuple[int, ...],
    begin: list[int],
    end: list[int],
    strides: list[int],
    output: tuple[int, ...],
    profiles: tuple[str, ...] = PROFILES,
    dtype: str = "int8",
    **masks: int,
) -> Case:
    return moved("STRIDED_SLICE", shape, output, [begin, end, strides], masks, profiles=profiles, dtype=dtype)


def tile(shape: tuple[int, ...], times: list[int], **given: Any) -> Case:
    made = tuple(n * m for n, m in zip(shape, times, strict=True))
    return moved("TILE", shape, made, [times], profiles=("litert",), **given)


def broadcast(shape: tuple[int, ...], to: list[int], **given: Any) -> Case:
    return moved("BROADCAST_TO", shape, tuple(to), [to], version=3, **given)


def blocks(op: str, shape: tuple[int, ...], output: tuple[int, ...], size: int, **given: Any) -> Case:
    return moved(op, shape, output, [], {"block_size": size}, **given)


def test_they_equal_the_oracles(tmp_path) -> None:
    assert_exact(
        [
            *(transpose(SHAPE, order) for order in ([0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 3, 2])),
            transpose((3, 7), [1, 0]),
            transpose((2, 1, 2, 3, 2), [4, 0, 3, 1, 2]),
            *(transpose((3, 4, 2), [2, 0, 1], dtype=dtype) for dtype in ("int16", "float32")),
            transpose((3, 4, 2), [2, 0, 1], dtype="int32", profiles=("litert",)),
            box(SHAPE, [0, 1, 0, 2], [2, 2, 4, 2]),
            box(SHAPE, [1, 0, 3, 0], [-1, 3, 1, 5]),
            box((9,), [4], [-1]),
            *(box((3, 4, 2), [1, 1, 1], [2, 3, 1], dtype=dtype) for dtype in ("int16", "int32", "float32")),
            strided(SHAPE, [0, 0, 0, 0], [2, 3, 4, 5], [1, 2, 2, 3], (2, 2, 2, 2)),
            strided(SHAPE, [-1, 5, -2, 4], [-9, 0, -4, -6], [-1, -2, -1, -3], (2, 1, 2, 2)),
            strided(SHAPE, [0, 1, 1, 0], [1, 3, 2, 9], [1, 1, 1, 2], (2, 3), shrink_axis_mask=5),
            strided(SHAPE, [1, 1, 1, 1], [2, 2, 2, 2], [1, 1, 1, 1], (2, 1, 3, 4), begin_mask=1, end_mask=12),
            strided((6, 4), [-2, 0], [0, 4], [1, 1], (4,), shrink_axis_mask=1),
            strided((2, 3, 4), [0, 2], [0, 3], [1, 1], (2, 3, 1), ("litert",), ellipsis_mask=1),
            strided((2, 3), [0, 0, 1], [2, 1, 3], [1, 1, 1], (2, 1, 2), ("litert",), new_axis_mask=2),
            *(
                strided((5, 4), [4, 0], [0, 4], [-2, 3], (2, 2), dtype=d)
                for d in ("int16", "int32", "float32")
            ),
            strided((5, 4), [4, 0], [0, 4], [-2, 3], (2, 2), ("litert",), "int64"),
            transpose((3, 4), [1, 0], dtype="bool", profiles=("litert",)),
            transpose((3, 4), [1, 0], dtype="uint8", profiles=("litert",)),
            tile((2, 3), [2, 3]),
            tile((2, 3, 2), [1, 3, 1]),
            tile((2, 3, 2), [2, 1, 2], dtype="int32"),
            broadcast((1, 3, 1), [2, 3, 4]),
            broadcast((3, 1), [2, 3, 4]),
            broadcast((2, 1, 2), [2, 5, 2], dtype="int32"),
            blocks("SPACE_TO_DEPTH", (2, 4, 6, 3), (2, 2, 3, 12), 2),
            blocks("SPACE_TO_DEPTH", (1, 6, 3, 1), (1, 2, 1, 9), 3),
            blocks("SPACE_TO_DEPTH", (1, 4, 2, 1), (1, 2, 1, 4), 2, dtype="float32"),
            blocks("DEPTH_TO_SPACE", (2, 2, 3, 12), (2, 4, 6, 3), 2),
            blocks("DEPTH_TO_SPACE", (1, 2, 1, 9), (1, 6, 3, 1), 3),
        ],
        tmp_path,
    )


def test_what_moves_nothing_costs_nothing() -> None:
    for still in (
        transpose((1, 4, 1, 3), [2, 1, 0, 3]),
        box(SHAPE, [0, 0, 0, 0], [-1, -1, -1, -1]),
        tile((2, 3), [1, 1]),
        blocks("SPACE_TO_DEPTH", (1, 2, 2, 3), (1, 1, 1, 12), 2),
    ):
        assert isinstance(lower(still.model, "litert")[1], Alias), still.name


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (moved("TRANSPOSE", (2, 3), (2, 3), [[0, 0]]), "names an axis twice"),
        (moved("TRANSPOSE", (2, 3), (2, 3), [[1, 0]]), "output shape does not follow"),
        (moved("TRANSPOSE", (2, 3), (3, 2), [[1, 0, 2]]), "permutation 'a0' is not usable"),
        (moved("TRANSPOSE", (2, 3), (3, 2), [[1, 0]], scale=0.2), "differ in quantisation"),
        (moved("TRANSPOSE", (2,) * 8, (2,) * 8, [[7, 6, 5, 4, 3, 2, 1, 0]]), "too many separate axes"),
        (moved("SLICE", (4,), (3,), [[2], [3]]), "reaches outside its input"),
        (moved("SLICE", (4,), (3,), [[-1], [3]]), "reaches outside its input"),
        (moved("SLICE", (4,), (1,), [[0]]), "wrong number of inputs"),
        (strided((4,), [0], [4], [0], (4,)), "a stride is 0"),
        (strided((4,), [3], [1], [1], (1,)), "is empty or reaches outside"),
        (strided((4,), [4], [5], [1], (), shrink_axis_mask=1), "is empty or reaches outside"),
        (strided((4,), [0, 0], [4, 4], [1, 1], (4,)), "more entries than its input has axes"),
        (strided((4, 4), [0] * 2, [4] * 2, [1] * 2, (4, 4), ellipsis_mask=3), "more entries than"),
        (strided((4,), [0], [1], [1], (1,), offset=True), "count from begin"),
        (moved("TILE", (2,), (2,), [[0]]), "a multiple is below 1"),
        (moved("BROADCAST_TO", (3,), (4,), [[4]]), "does not broadcast"),
        (moved("BROADCAST_TO", (1,), (4,), [[-4]]), "does not broadcast"),
        (blocks("SPACE_TO_DEPTH", (1, 3, 2, 1), (1, 1, 1, 6), 2), "does not divide height and width"),
        (blocks("SPACE_TO_DEPTH", (1, 3, 2, 1), (1, 1, 1, 6), 0), "does not divide height and width"),
        (blocks("DEPTH_TO_SPACE", (1, 1, 1, 6), (1, 2, 2, 1), 2), "does not divide the channels"),
        (blocks("DEPTH_TO_SPACE", (1, 4), (1, 4), 1), "does not divide the channels"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: Case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model)), problems(case.model)

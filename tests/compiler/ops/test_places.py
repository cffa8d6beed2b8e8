"""Resizing to the nearest pixel, mirrored borders and batches of space equal both oracles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.compiler.ops.harness import Case, assert_exact, problems
from tests.compiler.ops.movers import moved

REFLECT, SYMMETRIC = 0, 1


def nearest(shape: tuple[int, ...], size: tuple[int, int], **given: Any) -> Case:
    options = {key: given.pop(key) for key in ("align_corners", "half_pixel_centers") if key in given}
    output = (shape[0], *size, *shape[3:])
    return moved("RESIZE_NEAREST_NEIGHBOR", shape, output, [size], options, version=3, **given)


def mirror(shape: tuple[int, ...], paddings: list[tuple[int, int]], mode: int, **given: Any) -> Case:
    output = tuple(n + a + b for n, (a, b) in zip(shape, paddings, strict=True))
    return moved("MIRROR_PAD", shape, output, [paddings], {"mode": mode}, version=2, **given)


def batches(op: str, shape: tuple, output: tuple, block: list[int], around: list, **given: Any) -> Case:
    return moved(op, shape, output, [block, around], **given)


def test_they_equal_the_oracles(tmp_path) -> None:
    ways: list[dict[str, bool]] = [{}, {"align_corners": True}, {"half_pixel_centers": True}]
    sizes = [
        ((2, 3, 5, 3), (6, 10)),
        ((1, 7, 4, 1), (3, 9)),
        ((1, 1, 6, 2), (4, 1)),
        ((1, 13, 11, 1), (37, 41)),
    ]
    lone = ("litert",)  # TFLM pads with the integer 0, which is no real 0 here
    assert_exact(
        [
            *(nearest(shape, size, **way) for shape, size in sizes for way in ways),
            nearest((1, 3, 2, 2), (5, 5), dtype="float32", profiles=("litert",)),
            *(
                mirror(shape, paddings, mode, profiles=("litert",) if len(shape) > 4 else ("litert", "tflm"))
                for mode in (REFLECT, SYMMETRIC)
                for shape, paddings in [
                    ((1, 4, 5, 3), [(0, 0), (1, 2), (3, 0), (0, 0)]),
                    ((2, 3, 4, 3), [(0, 1), (1, 0), (2, 2), (1, 2)]),
                    ((6,), [(2, 5)]),
                    ((3, 1, 1, 2), [(2, 1), (0, 0), (0, 0), (0, 0)]),
                ]
            ),
            mirror((2, 3), [(1, 1), (2, 0)], REFLECT, dtype="float32"),
            batches("SPACE_TO_BATCH_ND", (1, 4, 6, 2), (4, 2, 3, 2), [2, 2], [(0, 0), (0, 0)]),
            batches(
                "SPACE_TO_BATCH_ND", (2, 4, 5, 3), (12, 3, 3, 3), [2, 3], [(0, 2), (3, 1)], profiles=lone
            ),
            batches("SPACE_TO_BATCH_ND", (2, 5, 3), (6, 2, 3), [3], [(1, 0)], profiles=lone),
            batches("SPACE_TO_BATCH_ND", (1, 3, 3, 1), (4, 2, 2, 1), [2, 2], [(1, 0)] * 2, dtype="float32"),
            batches("BATCH_TO_SPACE_ND", (4, 2, 3, 2), (1, 4, 6, 2), [2, 2], [(0, 0), (0, 0)]),
            batches("BATCH_TO_SPACE_ND", (12, 3, 3, 3), (2, 4, 5, 3), [2, 3], [(0, 2), (3, 1)]),
            batches("BATCH_TO_SPACE_ND", (6, 2, 3), (2, 5, 3), [3], [(1, 0)]),
            batches("BATCH_TO_SPACE_ND", (4, 2, 2, 1), (1, 3, 3, 1), [2, 2], [(1, 0)] * 2, dtype="float32"),
        ],
        tmp_path,
    )


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (nearest((1, 2, 2, 1), (4, 4), align_corners=True, half_pixel_centers=True), "cannot have both"),
        (moved("RESIZE_NEAREST_NEIGHBOR", (1, 2, 2), (1, 2, 2), [[2, 2]]), "four dimensions"),
        (moved("RESIZE_NEAREST_NEIGHBOR", (1, 2, 2, 1), (1, 2, 2, 1), [[0, 2]]), "size is out of range"),
        (moved("RESIZE_NEAREST_NEIGHBOR", (1, 2, 2, 1), (1, 2, 2, 1), [[3, 2]]), "shape does not follow"),
        (nearest((1, 2, 2, 1), (4, 4), scale=0.2), "differ in quantisation"),
        (mirror((3,), [(3, 0)], REFLECT), "more than its input has to mirror"),
        (mirror((3,), [(0, 4)], SYMMETRIC), "more than its input has to mirror"),
        (mirror((3,), [(0, 1)], 2), "mode is out of range"),
        (mirror((2,) * 5, [(1, 1)] * 5, REFLECT), "too many axes"),
        (batches("SPACE_TO_BATCH_ND", (1, 3, 1), (2, 1, 1), [2], [(0, 0)]), "do not divide its padded"),
        (batches("SPACE_TO_BATCH_ND", (1, 3, 1), (2, 1, 1), [0], [(0, 0)]), "a block is out of range"),
        (batches("BATCH_TO_SPACE_ND", (3, 1, 1), (1, 2, 1), [2], [(0, 0)]), "do not divide the batch"),
        (batches("BATCH_TO_SPACE_ND", (2, 1, 1), (1, 1, 1), [2], [(1, 1)]), "leave nothing"),
        (batches("BATCH_TO_SPACE_ND", (2,), (1,), [2], [(0, 0)]), "no spatial axis"),
        (batches("BATCH_TO_SPACE_ND", (2, 1, 1), (1, 2, 1), [2], [(0, -1)]), "crops 'a1' are not usable"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: Case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model)), problems(case.model)

"""RESIZE_BILINEAR equals both oracles at every kind of ratio and of correspondence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from edgekit.compiler.ops.resize_bilinear import between
from tests.compiler.ops.harness import Case, assert_exact, problems
from tests.compiler.ops.movers import moved

WAYS: list[dict[str, bool]] = [{}, {"align_corners": True}, {"half_pixel_centers": True}]


def resized(shape: tuple[int, ...], size: tuple[int, int], way: dict[str, bool], **given: Any) -> Case:
    return moved("RESIZE_BILINEAR", shape, (shape[0], *size, *shape[3:]), [size], way, version=3, **given)


def test_it_equals_the_oracles(tmp_path) -> None:
    sizes = [
        ((2, 3, 5, 3), (6, 10)),
        ((1, 7, 4, 1), (3, 9)),
        ((1, 1, 6, 2), (4, 1)),
        ((1, 13, 11, 2), (37, 29)),
        ((1, 30, 31, 1), (7, 8)),
        ((1, 5, 5, 4), (5, 5)),
    ]
    assert_exact([resized(shape, size, way) for shape, size in sizes for way in WAYS], tmp_path)


def test_no_position_lies_outside() -> None:
    for extent in (1, 2, 5):
        for made in (1, 2, 65, 1000):
            for way in WAYS:
                given = {"align_corners": False, "half_pixel_centers": False, **way}
                low, high, weights = between(extent, made, **given)
                assert (low >= 0).all() and (high < extent).all() and (low <= high).all()
                assert ((weights >= 0) & (weights < 1024)).all() and (np.diff(low) >= 0).all()


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (resized((1, 2, 2, 1), (4, 4), {**WAYS[1], **WAYS[2]}), "cannot have both"),
        (moved("RESIZE_BILINEAR", (1, 2, 2), (1, 2, 2), [[2, 2]]), "four dimensions"),
        (moved("RESIZE_BILINEAR", (1, 2, 2, 1), (1, 2, 2, 1), [[3, 2]]), "shape does not follow"),
        (moved("RESIZE_BILINEAR", (1, 2, 2, 1), (1, 2, 2, 1), [[-1, 2]]), "size is out of range"),
        (resized((1, 2, 2, 1), (4, 4), {}, scale=0.2), "differ in quantisation"),
        (resized((1, 2, 2, 1), (4, 4), {}, dtype="float32"), "element type"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: Case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model)), problems(case.model)

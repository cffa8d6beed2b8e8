"""The decoder against plain loops, and its rules one by one."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.postproc.boxes import Border, Decoder, Limits, decode, decode_float, design, probability

COVERAGE, BOXES = Border(0.07, -20), Border(0.02, -90)


def plain(d: Decoder, coverage, boxes) -> list[tuple[int, ...]]:
    """Returns what C computes: an ordered list with a bound, then the boxes, in Python's own integers."""
    best: list[tuple[int, int]] = []
    for cell, value in enumerate(coverage.reshape(-1).tolist()):
        if value >= d.threshold:
            place = len(best)
            while place and best[place - 1][0] < value:
                place -= 1
            best.insert(place, (value, cell))
            del best[d.max_candidates :]
    kept: list[tuple[int, ...]] = []
    for score, cell in best:
        place, label = divmod(cell, d.classes)
        row, column = divmod(place, d.columns)
        x, y = column * d.stride * 16 + 8, row * d.stride * 16 + 8
        values = boxes[row, column, 4 * label : 4 * label + 4].tolist()
        left, top, right, bottom = (((v - d.zero) * d.multiplier + 32768) >> 16 for v in values)
        box = (max(x - left, 0), max(y - top, 0), min(x + right, d.width), min(y + bottom, d.height))
        box = (min(box[0], d.width), min(box[1], d.height), max(box[2], 0), max(box[3], 0))
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        if len(kept) < d.max_boxes and not any(k[4] == label and overlaps(k, box, d.iou) for k in kept):
            kept.append((*box, label, score))
    return kept


def overlaps(a, b, iou: int) -> bool:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared * 256 > iou * union


@pytest.mark.parametrize("seed", range(6))
def test_equals_plain_loops_on_random_tensors(seed: int):
    rng = np.random.default_rng(seed)
    limits = Limits(threshold=0.2, iou=0.3, max_candidates=40, max_boxes=12)
    decoder = design((7, 9, 3), 16, COVERAGE, BOXES, limits)
    coverage = rng.integers(-60, 60, (7, 9, 3)).astype(np.int8)  # few values, so many ties
    boxes = rng.integers(-128, 127, (7, 9, 12)).astype(np.int8)
    found = decode(decoder, coverage, boxes)
    rows = np.column_stack([found.corners, found.labels, found.scores])
    assert [tuple(row) for row in rows.tolist()] == plain(decoder, coverage, boxes)
    assert 3 < len(rows) <= 12


def grids(rows: int, columns: int, classes: int = 1):
    return np.full((rows, columns, classes), -128, np.int8), np.full(
        (rows, columns, 4 * classes), -90, np.int8
    )


def test_a_box_is_where_its_values_say():
    coverage, boxes = grids(4, 5)
    coverage[2, 3] = 100
    boxes[2, 3] = np.array([10, 20, 30, 40]) - 90  # 0.7 pixel each
    found = decode(design((4, 5, 1), 16, COVERAGE, BOXES, Limits()), coverage, boxes)
    x, y = 3 * 16 + 0.5, 2 * 16 + 0.5
    assert found.pixels() == pytest.approx(np.array([[x - 7, y - 14, x + 21, y + 28]]), abs=1 / 16)
    assert found.scores.tolist() == [100]
    assert probability(found.scores, COVERAGE) == pytest.approx([1 / (1 + np.exp(-0.07 * 120))])


def test_the_threshold_is_the_least_value_that_reaches_it():
    decoder = design((1, 1, 1), 8, COVERAGE, None, Limits(threshold=0.3))
    least, below = (1 / (1 + np.exp(-0.07 * (decoder.threshold - i + 20))) for i in (0, 1))
    assert least >= 0.3 > below


def test_the_stronger_of_two_wins_and_another_class_stays():
    coverage, boxes = grids(1, 3, 2)
    boxes[...] = 0
    coverage[0, :, 0] = 10, 50, 50
    coverage[0, 1, 1] = 5
    found = decode(design((1, 3, 2), 1, COVERAGE, BOXES, Limits(iou=0.2)), coverage, boxes)
    assert list(zip(found.cells.tolist(), found.labels.tolist(), strict=True)) == [(2, 0), (3, 1)]


def test_empty_boxes_and_empty_grids_give_none():
    coverage, boxes = grids(2, 2)
    decoder = design((2, 2, 1), 16, COVERAGE, BOXES, Limits())
    assert len(decode(decoder, coverage, boxes).labels) == 0
    coverage[0, 0], boxes[0, 0] = 50, -128  # right of its left edge
    assert len(decode(decoder, coverage, boxes).labels) == 0


def test_centroids_get_a_box_of_one_size():
    coverage, _ = grids(3, 3)
    coverage[1, 2] = 50
    found = decode(design((3, 3, 1), 8, COVERAGE, None, Limits(), side=10), coverage, None)
    assert found.pixels().tolist() == [[15, 7, 24, 17]]  # cut at the right border, 24


def test_floats_give_what_their_integers_give():
    rng = np.random.default_rng(0)
    coverage = rng.integers(-128, 127, (6, 6, 2)).astype(np.int8)
    boxes = rng.integers(-128, 127, (6, 6, 8)).astype(np.int8)
    found = decode(design((6, 6, 2), 16, COVERAGE, BOXES, Limits()), coverage, boxes)
    reals = [
        (b.scale * (q.astype(np.float32) - b.zero_point)) for q, b in ((coverage, COVERAGE), (boxes, BOXES))
    ]
    corners, labels, scores = decode_float(*reals, 16, Limits())
    assert labels.tolist() == found.labels.tolist()
    assert corners == pytest.approx(found.pixels(), abs=0.26)
    assert scores == pytest.approx(probability(found.scores, COVERAGE), abs=1e-4)


@pytest.mark.parametrize(
    "limits", [Limits(threshold=0.0), Limits(iou=1.1), Limits(max_boxes=65), Limits(max_candidates=5000)]
)
def test_limits_out_of_range_are_refused(limits: Limits):
    with pytest.raises(InputError):
        design((1, 1, 1), 8, COVERAGE, BOXES, limits)


def test_a_scale_beyond_the_multiplier_is_refused():
    with pytest.raises(InputError, match="scale"):
        design((1, 1, 1), 8, COVERAGE, Border(100.0), Limits())


@pytest.mark.parametrize("scale", [1e-38, 1e-12, 1e30])
@pytest.mark.parametrize("threshold", [1e-300, 0.3, 1 - 1e-16])
def test_every_threshold_and_scale_fits_the_integers_of_the_c(scale: float, threshold: float):
    decoder = design((2, 2, 1), 8, Border(scale, 5), None, Limits(threshold), side=4096)
    assert abs(decoder.threshold) < 1 << 31 and decoder.half < 1 << 31
    level = np.full((2, 2, 1), -128, np.int8)
    least = np.log(threshold / (1 - threshold)) / scale + 5  # of what is named
    assert bool(len(decode(decoder, level, None).cells)) == (least <= -128)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_tensor_without_a_scale_is_an_input_error(scale: float):
    with pytest.raises(InputError, match="output 'coverage': has no scale"):
        design((2, 2, 1), 8, Border(scale), None, Limits())
    with pytest.raises(InputError, match="output 'boxes': has no scale"):
        design((2, 2, 1), 8, COVERAGE, Border(scale), Limits())


def test_a_side_that_is_none_is_an_input_error():
    for side in (-1.0, 5000.0, float("inf"), float("nan")):
        with pytest.raises(InputError, match=r"detection\.side"):
            design((2, 2, 1), 8, COVERAGE, None, Limits(), side)


def test_a_network_that_says_nan_names_nothing_there():
    coverage = np.full((2, 2, 1), 3, np.float32)
    boxes = np.full((2, 2, 4), 0.2, np.float32)
    coverage[0, 0], boxes[0, 1], boxes[1, 0, 0] = np.nan, np.nan, 1e30
    with np.errstate(all="raise"):
        corners, _, _ = decode_float(coverage, boxes, 8, Limits(iou=1))
    assert corners.tolist() == [[0, 1.5, 7.5, 15.5], [1.5, 1.5, 15.5, 15.5]]

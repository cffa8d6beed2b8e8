"""Boxes on the grid, and back through the decoder."""

import numpy as np
import pytest

from edgekit.postproc.boxes import Limits, decode_float
from edgekit.training.detection.boxes import clipped, ignored, objects, padded
from edgekit.training.detection.targets import Grid, class_weights, encode

GRID = Grid(rows=6, columns=8, classes=2, stride=16)


def split(made, classes=2):
    return made[..., :classes], made[..., classes:]


def test_what_is_drawn_is_decoded_again():
    rng = np.random.default_rng(0)
    for _ in range(20):
        left, upper = rng.uniform(0, 60, 2)
        truth = [left, upper, left + rng.uniform(8, 60), upper + rng.uniform(8, 36), int(rng.integers(2)), 0]
        made = encode(padded([[truth]]), GRID)
        covered, _ = split(made["coverage"][0])
        values, _ = split(made["boxes"][0], 8)
        corners, labels, _ = decode_float(
            np.where(covered > 0, 4, -4).astype(np.float32), values, 16, Limits()
        )
        assert labels.tolist() == [truth[4]]
        assert corners[0] == pytest.approx(truth[:4], abs=0.2)


def test_an_objects_cells_weigh_as_much_as_one():
    boxes = padded([[[0, 0, 90, 90, 0, 0], [100, 40, 120, 60, 1, 0]]])
    _, weights = split(encode(boxes, Grid(6, 8, 2, 16, radius=0.8))["boxes"], 8)
    by_class = weights.reshape(-1, 2, 4).sum(axis=0)
    assert by_class == pytest.approx(np.ones((2, 4)))


@pytest.mark.parametrize("side", [1, 6, 200])
def test_every_object_covers_a_cell(side):
    boxes = padded([[[33, 33, 33 + side, 33 + side, 1, 0]]])
    covered, _ = split(encode(boxes, Grid(6, 8, 2, 16, min_radius=0.0))["coverage"])
    assert covered[0, ..., 1].any() and not covered[0, ..., 0].any()


def test_a_cell_belongs_to_the_nearest():
    boxes = padded([[[0, 0, 64, 32, 0, 0], [32, 0, 96, 32, 0, 0]]])
    made = encode(boxes, Grid(2, 8, 1, 16, radius=1.0))
    right = made["boxes"][0, 0, :, 2] * 35 + np.arange(8) * 16 + 0.5
    assert right[:3] == pytest.approx([64, 64, 64]) and right[3:6] == pytest.approx([96, 96, 96])


def test_a_region_to_ignore_is_neither_object_nor_background():
    boxes = padded([[[0, 0, 48, 32, -1, 1], [64, 0, 96, 32, 1, 0]]])
    covered, weight = split(encode(boxes, GRID)["coverage"][0])
    assert not weight[:2, :3].any() and weight[2:].all() and weight[:, 3:].all()
    assert covered[:, :4].sum() == 0 and covered[0, 4:6, 1].any()


def test_boxes_are_cut_to_the_picture():
    boxes = padded([[[-10, 0, 10, 20, 0, 0], [-19, 0, 1, 20, 1, 0], [-30, 0, -10, 20, 1, 0]], []])
    made = clipped(boxes, 100, 50)
    assert objects(made).tolist() == [[True, False, False], [False, False, False]]
    assert ignored(made).tolist() == [[False, True, False], [False, False, False]]
    assert made[0, 0].tolist() == [0, 0, 10, 20, 0, 0]


def test_class_weights_are_inverse_to_the_objects():
    row = [0, 0, 9, 9]
    boxes = padded([[[*row, 0, 0], [*row, 0, 0], [*row, 0, 0]], [[*row, 1, 0], [*row, 1, 1]]])
    weights = class_weights(boxes, 2)
    assert weights == pytest.approx([4 / 6, 2])
    assert (3 * weights[0] + weights[1]) / 4 == pytest.approx(1)

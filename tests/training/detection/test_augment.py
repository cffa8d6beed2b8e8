"""Pictures and boxes move together."""

import numpy as np
import pytest

from edgekit.training.detection import augment
from edgekit.training.detection.boxes import objects, padded
from tests.training.detection.rectangles import pictures

GEOMETRY = {"flip": 0.5, "overturn": 0.5, "turn": 0.5, "zoom": 0.3, "shift": 0.2}


def drawn(seed=0, count=12):
    """Returns pictures that are 1 within their box and 0 elsewhere."""
    rng = np.random.default_rng(seed)
    x, rows = np.zeros((count, 40, 40, 1), np.float32), []
    for picture in x:
        left, upper = rng.integers(2, 20, 2)
        width, height = rng.integers(6, 18, 2)
        picture[upper : upper + height, left : left + width] = 1
        rows.append([[left, upper, left + width, upper + height, 0, 0]])
    return x, padded(rows)


@pytest.mark.parametrize("name", GEOMETRY)
def test_the_box_stays_around_the_object(name):
    x, boxes = drawn()
    moved, found = augment.apply(x, boxes, {name: GEOMETRY[name]}, np.random.default_rng(1))
    assert moved.shape == x.shape and moved.dtype == np.float32
    assert not np.array_equal(found, boxes)
    for picture, rows in zip(moved[..., 0] > 0.5, found, strict=True):
        if not objects(rows).any():
            continue
        down, across = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
        edges = [across[0], down[0], across[-1] + 1, down[-1] + 1]
        assert rows[0, :4] == pytest.approx(edges, abs=1.01)


def test_it_depends_on_the_generator_alone():
    given = pictures(4, 0)
    strengths = {**GEOMETRY, "brightness": 0.2, "contrast": 0.2, "colour": 0.1, "noise": 0.05}
    kept = given.x.copy(), given.extras["boxes"].copy()
    first, second, other = (
        augment.apply(given.x, given.extras["boxes"], strengths, np.random.default_rng([1, 2, seed]))
        for seed in (3, 3, 4)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert np.array_equal(given.x, kept[0]) and np.array_equal(given.extras["boxes"], kept[1])


def test_nothing_at_strength_0():
    given = pictures(3, 1)
    x, boxes = augment.apply(given.x, given.extras["boxes"], dict.fromkeys(augment.AUGMENTATIONS, 0.0),
                             np.random.default_rng(0))  # fmt: skip
    assert x == pytest.approx(given.x, abs=1e-5)
    assert boxes == pytest.approx(given.extras["boxes"])


def test_what_leaves_the_picture_is_no_object():
    x, boxes = drawn(count=40)
    _, found = augment.apply(x, boxes, {"shift": 0.9}, np.random.default_rng(0))
    assert 0 < objects(found).sum() < 40
    assert found[..., :4].min() >= 0 and found[..., :4].max() <= 40


def test_unknown_names_and_strengths_are_told():
    strengths = {"flop": 0.5, "flip": 1.5, "zoom": -1.0, "turn": 0.5}
    problems = list(augment.faults(strengths, 64, 48))
    assert [problem.where.split(".")[-1] for problem in problems] == ["flop", "flip", "zoom", "turn"]
    assert "flip" in problems[0].hint

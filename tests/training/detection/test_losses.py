"""Losses against their formulas in NumPy."""

import numpy as np
import pytest

from edgekit.training.detection import losses
from edgekit.training.detection.boxes import padded
from edgekit.training.detection.targets import Grid, encode

pytest.importorskip("tensorflow")
WEIGHTS = np.array([0.5, 2.0], np.float32)
GRID = Grid(4, 4, 2, 16)
TARGETS = encode(padded([[[0, 0, 30, 30, 0, 0], [32, 20, 60, 60, 1, 0]], [[0, 0, 20, 64, -1, 1]]]), GRID)


def values(channels, seed=0):
    return np.random.default_rng(seed).normal(0, 2, (2, 4, 4, channels)).astype(np.float32)


def test_focal_loss():
    logits = values(2)
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    truth, known = TARGETS["coverage"][..., :2], TARGETS["coverage"][..., 2:]
    each = np.where(truth > 0, -0.25 * (1 - p) ** 2 * np.log(p), -0.75 * p**2 * np.log(1 - p))
    expected = (each * known * WEIGHTS).sum(axis=(1, 2, 3)) / np.maximum(truth.sum(axis=(1, 2, 3)), 1)
    found = np.asarray(losses.coverage_loss("focal", 1.0, WEIGHTS)(TARGETS["coverage"], logits))
    assert found == pytest.approx(expected, rel=1e-4)


def test_weighted_cross_entropy():
    logits = values(2)
    p = 1 / (1 + np.exp(-logits.astype(np.float64)))
    truth, known = TARGETS["coverage"][..., :2], TARGETS["coverage"][..., 2:]
    each = -np.where(truth > 0, 3 * np.log(p), np.log(1 - p)) * known * WEIGHTS
    found = np.asarray(losses.coverage_loss("bce", 3.0, WEIGHTS)(TARGETS["coverage"], logits))
    assert found == pytest.approx(each.mean(axis=(1, 2, 3)), rel=1e-4)


def test_far_logits_stay_finite():
    logits = np.full((2, 4, 4, 2), 200.0, np.float32)
    for kind in ("focal", "bce"):
        assert np.isfinite(
            np.asarray(losses.coverage_loss(kind, 4.0, WEIGHTS)(TARGETS["coverage"], -logits))
        ).all()


def test_boxes_count_by_object_and_not_by_cell():
    truth = TARGETS["boxes"][..., :8]
    off = truth + np.repeat([1.0, 3.0], 4).astype(np.float32)  # class 0 by 1, class 1 by 3
    found = np.asarray(losses.box_loss(WEIGHTS)(TARGETS["boxes"], off))
    assert found == pytest.approx([(1 * 0.5 + 3 * 2.0) / 2, 0])  # the second picture has no object

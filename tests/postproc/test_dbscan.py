"""Clusters of covered cells."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.postproc.dbscan import cluster, iou

pytest.importorskip("sklearn")


def test_a_cluster_is_the_mean_by_coverage():
    corners = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [40, 40, 50, 50], [0, 0, 10, 10]], np.float32)
    labels = np.array([0, 0, 0, 1])
    scores = np.array([0.9, 0.3, 0.5, 0.8], np.float32)
    boxes, found, strengths = cluster(corners, labels, scores)
    assert found.tolist() == [0, 1, 0]
    assert strengths == pytest.approx([0.9, 0.8, 0.5])
    assert boxes == pytest.approx(np.array([[0.25, 0, 10.25, 10], [0, 0, 10, 10], [40, 40, 50, 50]]))


def test_what_is_too_thin_is_no_cluster():
    boxes, *_ = cluster(
        np.array([[0, 0, 1, 1]], np.float32), np.array([0]), np.array([0.4], np.float32), min_weight=0.5
    )
    assert boxes.shape == (0, 4)


def test_iou():
    a = np.array([[0, 0, 2, 2], [5, 5, 5, 5]], np.float32)
    assert iou(a, a) == pytest.approx(np.array([[1, 0], [0, 0]]))
    assert iou(a[:1], np.array([[1, 0, 3, 2]], np.float32)) == pytest.approx(np.array([[1 / 3]]))

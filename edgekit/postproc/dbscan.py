"""Boxes of covered cells by density clustering, the other way that DetectNet_v2 offers; on the PC alone.

Source: Ester et al., "A Density-Based Algorithm for Discovering Clusters", KDD 1996, as scikit-learn has
it, on the distance 1 - IoU; NVIDIA's TAO documentation, DetectNet_v2, `clustering_config`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_UNIT = 1000  # scikit-learn's least weight is an integer


def cluster(
    corners: Array, labels: NDArray[np.int64], scores: Array, eps: float = 0.4, min_weight: float = 0.0
) -> tuple[Array, NDArray[np.int64], Array]:
    """Returns one box per cluster of a class: the mean of its members by their coverage.

    Args:
        corners: float32 [n, 4], left, upper, right and lower edge of each cell's box.
        labels: int64 [n].
        scores: float32 [n], coverage as probabilities.
        eps: Largest 1 - IoU of neighbours.
        min_weight: Sum of the coverage, from which a neighbourhood is dense.

    Returns:
        Corners, labels, and the largest coverage of each, by falling coverage.
    """
    from sklearn.cluster import DBSCAN

    made: list[tuple[Array, int, float]] = []
    for label in np.unique(labels):
        boxes, weights = corners[labels == label], scores[labels == label]
        least = max(1, round(min_weight * _UNIT))
        model = DBSCAN(eps=eps, min_samples=least, metric="precomputed")
        groups = model.fit(1 - iou(boxes, boxes), sample_weight=weights * _UNIT).labels_
        for group in range(groups.max(initial=-1) + 1):
            members = groups == group
            mean = np.average(boxes[members], axis=0, weights=weights[members]).astype(np.float32)
            made.append((mean, int(label), float(weights[members].max())))
    made.sort(key=lambda one: -one[2])
    return (
        np.array([one[0] for one in made], np.float32).reshape(-1, 4),
        np.array([one[1] for one in made], np.int64),
        np.array([one[2] for one in made], np.float32),
    )


def iou(a: Array, b: Array) -> NDArray[np.float64]:
    """Returns the intersection over union of each box in `a` with each in `b`, [n, m]; 0 to 1.

    Args:
        a, b: [n, 4] and [m, 4], left, upper, right and lower edge.
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2]).astype(np.float64)
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    union = (a[:, 2:] - a[:, :2]).prod(axis=1)[:, None] + (b[:, 2:] - b[:, :2]).prod(axis=1) - shared
    shares: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return shares

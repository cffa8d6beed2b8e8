"""What a detector's answers cost: focal loss or cross-entropy of coverage, absolute error of box values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Loss = Callable[[Any, Any], Any]

_ALPHA, _GAMMA = 0.25, 2.0  # Lin et al., table 1


def coverage_loss(
    kind: Literal["focal", "bce"], foreground: float, class_weights: NDArray[np.float32]
) -> Loss:
    """Returns (targets [n, rows, columns, 2 * classes], logits [n, rows, columns, classes]) -> losses [n].

    The focal loss (Lin et al., "Focal Loss for Dense Object Detection", arXiv:1708.02002) is a sum over the
    cells, divided by the number of covered ones; cross-entropy, as in DetectNet_v2, is a mean over them.

    Args:
        kind: "focal", or "bce".
        foreground: Of cross-entropy: how much more a covered cell weighs than another.
        class_weights: float32 [classes]
    """
    from keras import ops

    classes = len(class_weights)

    def loss(target: Any, logits: Any) -> Any:
        truth, weight = target[..., :classes], target[..., classes:] * class_weights
        # of the logit, so that it neither overflows nor loses small probabilities
        entropy = ops.softplus(logits) - truth * logits
        if kind == "bce":
            return ops.mean(entropy * weight * (1 + (foreground - 1) * truth), axis=(1, 2, 3))
        right = ops.exp(-entropy)  # probability of the truth
        balance = truth * _ALPHA + (1 - truth) * (1 - _ALPHA)
        total = ops.sum(balance * (1 - right) ** _GAMMA * entropy * weight, axis=(1, 2, 3))
        return total / ops.maximum(ops.sum(truth, axis=(1, 2, 3)), 1.0)

    return loss


def box_loss(class_weights: NDArray[np.float32]) -> Loss:
    """Returns (targets [n, rows, columns, 8 * classes], values [.., 4 * classes]) -> losses [n].

    The mean over the objects of a picture, and over their cells and edges, of the absolute error.

    Args:
        class_weights: float32 [classes]
    """
    from keras import ops

    channels = 4 * len(class_weights)
    by_channel = np.repeat(class_weights, 4)

    def loss(target: Any, values: Any) -> Any:
        truth, weight = target[..., :channels], target[..., channels:]
        total = ops.sum(ops.abs(values - truth) * weight * by_channel, axis=(1, 2, 3))
        return total / ops.maximum(ops.sum(weight, axis=(1, 2, 3)), 1.0)

    return loss

"""What each group of coupled channels is worth.

The norm of a channel's kernel is the criterion "minimum weight" of Molchanov et al., arXiv:1611.06440; the
scale of its batch normalisation that of Liu et al., "Network Slimming", arXiv:1708.06519. Normalizers and
equalization are those of NVIDIA's TAO toolkit. A depthwise convolution has a say beside the layer that
makes its channels; a squeeze-excite gate has none, as its weights say how it opens, not what it lets through.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.training.prune.config import PruneConfig
from edgekit.training.prune.coupling import Coupling, LayerChannels

Scores = NDArray[np.float64]


def of_groups(coupling: Coupling, config: PruneConfig) -> Scores:
    """Returns the score of each group of channels, infinite where it must stay.

    Args:
        coupling: The channels of a model.
        config: Criterion, normalizer, scope and equalization.

    Returns:
        float64 [groups]; the largest finite one is at most 1.
    """
    groups = coupling.groups
    found = _norms(coupling, config)
    if not found:
        return np.full(len(groups.kept), np.inf)
    score = np.concatenate([norms / _size(norms, config.normalizer) for _, norms in found])
    if config.scope == "global":
        norms = np.concatenate([norms for _, norms in found])
        score = norms / _size(norms, config.normalizer)
    channel = np.concatenate([layer.made for layer, _ in found])
    group, gate = groups.of[channel], groups.gates[channel]
    heard = np.bincount(group[~gate], minlength=len(groups.kept)) > 0
    chosen = ~gate | ~heard[group]  # gates are asked where nobody else is there
    scores = _equalised(group[chosen], score[chosen], len(groups.kept), config.equalization)
    scores[groups.kept] = np.inf
    return scores


def _norms(coupling: Coupling, config: PruneConfig) -> list[tuple[LayerChannels, Scores]]:
    """Returns layers that have a say, each with a norm per channel that it makes."""
    found = []
    for layer in coupling.layers:
        name = type(layer.op).__name__
        if config.criterion == "gamma":
            if name == "BatchNormalization" and layer.op.scale:
                found.append((layer, np.abs(layer.op.gamma.numpy().astype(np.float64))))
        elif layer.produces or name.startswith("DepthwiseConv"):
            found.append((layer, _kernel_norms(layer, config.criterion)))
    return found


def _kernel_norms(layer: LayerChannels, criterion: str) -> Scores:
    """Returns the norm of each channel's kernel, without its bias."""
    index = max(i for i, axes in enumerate(layer.axes) if len(axes) > 1)
    kernel: Scores = layer.weights[index].numpy().astype(np.float64)
    if layer.produces:
        last = next(i for i, ids in enumerate(layer.axes[index]) if ids is layer.made)
        kernel = np.moveaxis(kernel, last, -1)
    kernel = np.abs(kernel.reshape(-1, len(layer.made)))
    norms: Scores = kernel.sum(axis=0) if criterion == "l1" else np.sqrt((kernel**2).sum(axis=0))
    return norms


def _size(norms: Scores, normalizer: str) -> float:
    size = norms.max() if normalizer == "max" else np.sqrt((norms**2).sum())
    return float(size) or 1.0


def _equalised(group: NDArray[np.int64], score: Scores, count: int, how: str) -> Scores:
    """Returns one score per group; those that nobody scored stay, so theirs is infinite.

    A channel that any of its layers would keep is one whose largest score passes the threshold (union); one
    that all of them would keep, one whose smallest does (intersection).
    """
    votes = np.bincount(group, minlength=count)
    if how == "union":
        made = np.zeros(count)
        np.maximum.at(made, group, score)
    elif how == "intersection":
        made = np.full(count, np.inf)
        np.minimum.at(made, group, score)
    elif how == "arithmetic_mean":
        made = np.bincount(group, score, count) / np.maximum(votes, 1)
    else:
        with np.errstate(divide="ignore"):
            made = np.exp(np.bincount(group, np.log(score), count) / np.maximum(votes, 1))
    return np.where(votes > 0, made, np.inf)

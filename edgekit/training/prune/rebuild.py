"""Builds the smaller dense network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.training import network
from edgekit.training.prune import choose, coupling, report
from edgekit.training.prune.config import PruneConfig
from edgekit.training.prune.coupling import LayerChannels
from edgekit.training.prune.report import PruneReport

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Pruned:
    """A pruned model.

    Args:
        model: Dense, smaller; layers have the names of the model it came from, and its weights.
        report: What went.
    """

    model: keras.Model
    report: PruneReport


def prune(model: keras.Model, config: PruneConfig) -> Pruned:
    """Removes the channels of `model` that are worth least, and returns a smaller model.

    Layers that must keep the same channels are found from the graph: residual additions, depthwise
    convolutions, squeeze-excite, concatenation. What the model reads and makes keeps its shape.

    Args:
        model: Functional or sequential, built; it is left as it is.
        config: How much goes, and by which score.

    Raises:
        InputError: The model's graph cannot be seen, or `config.exclude` names no layer.
        CheckFailed: The share to keep that was asked for cannot be reached.
    """
    traced = coupling.trace(model, config.exclude)
    keep, threshold = choose.choose(traced, config)
    layers = {id(layer.op): layer for layer in traced.layers}
    made: dict[int, Any] = {}

    def smaller(op: Any) -> Any:
        made[id(op)] = _resized(op, layers.get(id(op)), keep)
        return made[id(op)]

    after = network.rebuilt(traced.model, smaller)
    for op in traced.model.operations:
        if getattr(op, "weights", None):
            made[id(op)].set_weights(_weights(op, layers.get(id(op)), keep))
    return Pruned(after, report.compare(traced, keep, threshold, after))


def _resized(op: Any, layer: LayerChannels | None, keep: NDArray[np.bool_]) -> Any:
    settings = op.get_config()
    if layer is not None and layer.setting:
        width, old = int(keep[layer.made].sum()), settings[layer.setting]
        settings[layer.setting] = width if isinstance(old, int) else (*old[:-1], width)
    return type(op).from_config(settings)


def _weights(op: Any, layer: LayerChannels | None, keep: NDArray[np.bool_]) -> list[NDArray[Any]]:
    weights: list[NDArray[Any]] = op.get_weights()
    if layer is not None:
        for index, axes in enumerate(layer.axes):
            for axis, ids in enumerate(axes):
                if ids is not None:
                    weights[index] = np.compress(keep[ids], weights[index], axis)
    return weights

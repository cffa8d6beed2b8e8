"""Folds batch normalisation into the layer in front of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from edgekit.training.qat import graph

if TYPE_CHECKING:
    import keras

_FOLDABLE = frozenset({"Conv1D", "Conv2D", "DepthwiseConv2D", "Dense"})


def fold_batch_norm(model: keras.Model) -> keras.Model:
    """Returns a copy of a model in which batch normalisations are part of the layer in front of them.

    Folded are those behind a Conv1D, Conv2D, DepthwiseConv2D or Dense without an activation whose output
    goes nowhere else; others stay. Outputs are those of inference, up to float32 rounding.

    Args:
        model: Functional or Sequential; it stays as it is.

    Raises:
        InputError: A subclassed model.
    """
    flat = graph.flat_copy(model)
    pairs = _pairs(flat)
    norms = {id(norm) for norm in pairs.values()}

    def visit(node: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if id(node) in norms:
            return args[0]
        norm = pairs.get(id(node))
        return _folded(node.operation, norm.operation, args) if norm else node.operation(*args, **kwargs)

    return graph.rebuild(flat, visit)


def _pairs(model: keras.Model) -> dict[int, Any]:
    """Returns the call of the batch normalisation to fold, by id of the call it is folded into."""
    calls = graph.calls(model)
    uses = Counter(id(x) for node in calls for x in node.input_tensors)
    uses.update(id(x) for x in model.outputs)
    times = Counter(id(node.operation) for node in calls)
    makers = {id(x): node for node in calls for x in node.outputs}
    pairs = {}
    for node in calls:
        norm = node.operation
        if type(norm).__name__ != "BatchNormalization" or times[id(norm)] > 1:
            continue
        (x,) = node.input_tensors
        maker = makers.get(id(x))
        if maker is None or uses[id(x)] > 1 or times[id(maker.operation)] > 1:
            continue
        layer = maker.operation
        last = norm.axis in (-1, len(x.shape) - 1) and getattr(layer, "data_format", "") != "channels_first"
        if type(layer).__name__ in _FOLDABLE and layer.activation.__name__ == "linear" and last:
            pairs[id(maker)] = node
    return pairs


def _folded(layer: Any, norm: Any, args: tuple[Any, ...]) -> Any:
    made = type(layer).from_config({**layer.get_config(), "use_bias": True})
    outputs = made(*args)
    factor, offset = affine(norm)
    kernel, *bias = (np.asarray(w, np.float64) for w in layer.get_weights())
    wide = factor.reshape(kernel.shape[2:]) if type(layer).__name__ == "DepthwiseConv2D" else factor
    made.set_weights([kernel * wide, offset + factor * (bias[0] if bias else 0.0)])
    return outputs


def affine(norm: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns what a batch normalisation does in inference: float64 [channels] factor and offset."""
    mean = np.asarray(norm.moving_mean, np.float64)
    factor = 1.0 / np.sqrt(np.asarray(norm.moving_variance, np.float64) + norm.epsilon)
    if norm.scale:
        factor = factor * np.asarray(norm.gamma, np.float64)
    offset = -mean * factor
    return factor, offset + np.asarray(norm.beta, np.float64) if norm.center else offset

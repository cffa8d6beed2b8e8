"""Layer normalisation in a form that int8 has operators for.

Keras computes x * inv - mean * inv. The converter leaves its negation in float, and LiteRT's int8 kernel
of NEG looks at neither scale nor zero point. (x - mean) * inv is the same, without a negation.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_negation() -> Iterator[None]:
    """Has every `keras.layers.LayerNormalization` that is called in the block compute (x - mean) * inv."""
    from keras.layers import LayerNormalization

    published = LayerNormalization.call

    def call(self: Any, inputs: Any) -> Any:
        return published(self, inputs) if self.rms_scaling else _normalised(self, inputs)

    LayerNormalization.call = call
    try:
        yield
    finally:
        LayerNormalization.call = published


def _normalised(layer: Any, x: Any) -> Any:
    from keras import ops

    axes = [axis % len(x.shape) for axis in layer.axis]
    shape = [extent if axis in axes else 1 for axis, extent in enumerate(x.shape)]
    mean, variance = ops.moments(x, axes, keepdims=True)
    y = (x - mean) * ops.rsqrt(variance + layer.epsilon)
    if layer.gamma is not None:
        y = y * ops.reshape(layer.gamma, shape)
    return y if layer.beta is None else y + ops.reshape(layer.beta, shape)

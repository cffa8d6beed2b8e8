"""Parameters and multiply-accumulates of a Keras model, before it is converted.

What a converted network costs is the compiler's to say; batch normalisation is counted here with its four
vectors and disappears there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edgekit.training import network
from edgekit.training.network import Call

if TYPE_CHECKING:
    import keras

_CONVOLUTIONS = frozenset(
    {f"{kind}{n}D" for kind in ("Conv", "DepthwiseConv", "SeparableConv") for n in (1, 2, 3)} | {"Dense"}
)
_TRANSPOSED = frozenset(f"Conv{n}DTranspose" for n in (1, 2, 3))
_RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN"})


@dataclass(frozen=True, slots=True)
class LayerCost:
    """What one layer costs.

    Args:
        name: Of the layer.
        kind: Its class.
        parameters: Trained or not.
        macs: Multiply-accumulates of one example, over all uses of the layer.
    """

    name: str
    kind: str
    parameters: int
    macs: int


@dataclass(frozen=True, slots=True)
class ModelCost:
    """What a model costs.

    Args:
        layers: Those that have parameters, in order of computation.
    """

    layers: list[LayerCost]

    @property
    def parameters(self) -> int:
        """Trained or not, shared ones once."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one example."""
        return sum(layer.macs for layer in self.layers)

    @property
    def totals(self) -> dict[str, int]:
        """Parameters, multiply-accumulates, and the parameters' bytes as float32."""
        return {"parameters": self.parameters, "macs": self.macs, "bytes": 4 * self.parameters}


def of(model: keras.Model) -> ModelCost:
    """Returns what `model` costs.

    Convolutions, dense and recurrent layers count multiply-accumulates, taps on padding included; others,
    and layers that hold layers, count parameters alone.

    Args:
        model: Functional or sequential, built. An extent that is not fixed counts as 1.

    Raises:
        InputError: Its graph cannot be seen.
    """
    layers: dict[int, LayerCost] = {}
    for call in network.calls(network.functional(model)):
        weights = getattr(call.op, "weights", [])
        if not weights:
            continue
        macs = positions(call) * sum(math.prod(w.shape) for w in weights if len(w.shape) > 1)
        before = layers.get(id(call.op))
        layers[id(call.op)] = LayerCost(
            call.op.name,
            type(call.op).__name__,
            call.op.count_params(),
            macs + (before.macs if before else 0),
        )
    return ModelCost(list(layers.values()))


def positions(call: Call) -> int:
    """Returns how often a call multiplies by each element of its layer's kernels."""
    if call.kind in _CONVOLUTIONS:
        extents = call.outputs[0].shape[1:-1]
    elif call.kind in _TRANSPOSED:
        extents = call.inputs[0].shape[1:-1]
    elif call.kind in _RECURRENT:
        extents = call.inputs[0].shape[1:2]
    else:
        return 0
    return math.prod(n or 1 for n in extents)

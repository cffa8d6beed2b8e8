"""Splits layers into what int8 kernels are: linear layers, activations, sums and products of two."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

from edgekit.training.qat import fold, graph

if TYPE_CHECKING:
    import keras

_WITH_ACTIVATION = frozenset({"Conv1D", "Conv2D", "DepthwiseConv2D", "Dense"})
_OPERATIONS = {"HardSigmoid": "hard_sigmoid", "Silu": "silu"}  # keras.ops


def split(model: keras.Model) -> keras.Model:
    """Returns a model of the same function in which a layer rounds once at most.

    Activations leave their layers. A hard sigmoid becomes relu6(x + 3) and a factor, SiLU a product, a sum
    of several tensors sums of two, SeparableConv2D its two convolutions, and a batch normalisation of
    pictures that could not be folded a depthwise convolution of 1x1.

    Args:
        model: Flat; its layers go over to the new model.
    """
    linear: dict[int, Any] = {}

    def visit(node: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        op = node.operation
        kind = type(op).__name__
        if kind == "SeparableConv2D":
            return _separable(op, args[0])
        if kind == "BatchNormalization" and len(args[0].shape) == 4 and op.axis in (-1, 3):
            return _pointwise_norm(op, args[0])
        if kind in ("Add", "Multiply") and len(node.input_tensors) > 2:
            return _pairwise(type(op), op.name, args[0])
        if kind in _WITH_ACTIVATION and op.activation.__name__ != "linear":
            first = id(op) not in linear
            made = linear.setdefault(id(op), type(op).from_config({**op.get_config(), "activation": None}))
            outputs = made(*args)
            if first:
                made.set_weights(op.get_weights())
            return _activation(op.activation, f"{op.name}_act", outputs)
        if kind == "Activation":
            return _activation(op.activation, op.name, args[0])
        if kind in _OPERATIONS:
            return _activation(_OPERATIONS[kind], op.name, args[0])
        return op(*args, **kwargs)

    return graph.rebuild(model, visit)


def _activation(activation: Any, name: str, x: Any) -> Any:
    from keras import layers

    from edgekit.training.qat.layers import ShiftedRelu6, Sixth

    kind = activation if isinstance(activation, str) else activation.__name__
    if kind == "linear":
        return x
    if kind in ("relu", "relu6"):
        return layers.ReLU(6.0 if kind == "relu6" else None, name=name)(x)
    if kind == "hard_sigmoid":
        return Sixth(name=name)(ShiftedRelu6(name=f"{name}_clip")(x))
    if kind == "silu":
        return layers.Multiply(name=name)([x, layers.Activation("sigmoid", name=f"{name}_gate")(x)])
    return layers.Activation(activation, name=name)(x)


def _pairwise(kind: Any, name: str, tensors: list[Any]) -> Any:
    last = len(tensors) - 1
    pairs = enumerate(tensors[1:], 1)
    return reduce(
        lambda x, pair: kind(name=name if pair[0] == last else f"{name}_{pair[0]}")([x, pair[1]]),
        pairs, tensors[0],
    )  # fmt: skip


def _separable(layer: Any, x: Any) -> Any:
    from keras import layers

    depthwise = layers.DepthwiseConv2D(
        layer.kernel_size, layer.strides, layer.padding, layer.depth_multiplier,
        dilation_rate=layer.dilation_rate, use_bias=False, name=f"{layer.name}_depthwise",
    )  # fmt: skip
    pointwise = layers.Conv2D(layer.filters, 1, use_bias=layer.use_bias, name=layer.name)
    x = pointwise(depthwise(x))
    first, *rest = layer.get_weights()
    depthwise.set_weights([first])
    pointwise.set_weights(rest)
    return _activation(layer.activation, f"{layer.name}_act", x)


def _pointwise_norm(norm: Any, x: Any) -> Any:
    from keras import layers

    made = layers.DepthwiseConv2D(1, name=norm.name)
    outputs = made(x)
    factor, offset = fold.affine(norm)
    made.set_weights([factor.reshape(1, 1, -1, 1), offset])
    return outputs

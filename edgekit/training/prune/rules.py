"""How each kind of layer passes channels on. What is not listed here keeps its channels, which is safe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from edgekit.training.network import Call
from edgekit.training.prune.channels import Ids
from edgekit.training.prune.coupling import Axes, Trace

# Functions of one element; a softmax is none, as it looks at all channels.
_FUNCTIONS = frozenset({
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "tanh",
    "sigmoid", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "softplus", "softsign", "exponential",
    "tanh_shrink", "hard_shrink", "soft_shrink", "squareplus", "sparse_plus", "log_sigmoid",
})  # fmt: skip


def follow(call: Call, trace: Trace) -> None:
    """Writes into `trace` what a call does to channels."""
    rule = _RULES.get(call.kind)
    if getattr(call.op, "data_format", "channels_last") == "channels_first":
        trace.untouched(call, "channels lie along the first axis")
    elif getattr(call.op, "lora_enabled", False) or getattr(call.op, "quantization_mode", None):
        trace.untouched(call, "its weights are not plain")
    elif rule is None:
        trace.untouched(call, f"a layer of class {type(call.op).__name__} may use channels in any way")
    elif any(not t.shape or t.shape[-1] is None for t in (*call.inputs, *call.outputs)):
        trace.untouched(call, "its width is not fixed")
    else:
        made = rule(call, trace)
        if made is None:
            trace.untouched(call, f"{type(call.op).__name__} with these settings mixes channels")
        else:
            trace.made(call.outputs[0], made)


def _convolution(call: Call, trace: Trace) -> Ids | None:
    if getattr(call.op, "groups", 1) > 1:
        return None
    inputs, made = trace.ids(call.inputs[0]), _new(call, trace)
    kernel = (*_taps(call, 2), inputs, made)
    return trace.weighted(call, [kernel, (made,)], inputs, made, _setting(call))


def _transposed(call: Call, trace: Trace) -> Ids | None:
    inputs, made = trace.ids(call.inputs[0]), _new(call, trace)
    kernel = (*_taps(call, 2), made, inputs)
    return trace.weighted(call, [kernel, (made,)], inputs, made, _setting(call))


def _depthwise(call: Call, trace: Trace) -> Ids | None:
    inputs = trace.ids(call.inputs[0])
    made = np.repeat(inputs, call.op.depth_multiplier)
    return trace.weighted(call, [(*_taps(call, 2), inputs, None), (made,)], inputs, made)


def _separable(call: Call, trace: Trace) -> Ids | None:
    inputs, made = trace.ids(call.inputs[0]), _new(call, trace)
    between = np.repeat(inputs, call.op.depth_multiplier)
    taps = _taps(call, 2)
    axes: Axes = [(*taps, inputs, None), (*taps, between, made), (made,)]
    return trace.weighted(call, axes, inputs, made, _setting(call))


def _normalised(call: Call, trace: Trace) -> Ids | None:
    inputs = trace.ids(call.inputs[0])
    if getattr(call.op, "axis", -1) not in (-1, len(call.inputs[0].shape) - 1):
        return None
    axes: Axes = [(*[None] * (len(weight.shape) - 1), inputs) for weight in call.op.weights]
    if any(weight.shape[-1] != len(inputs) for weight in call.op.weights):
        return None  # a PReLU that shares its slope among channels
    return trace.weighted(call, axes, inputs, inputs)


def _passed(call: Call, trace: Trace) -> Ids | None:
    return trace.ids(call.inputs[0]) if _scalars(call) else None


def _activation(call: Call, trace: Trace) -> Ids | None:
    return trace.ids(call.inputs[0]) if _by_element(call) else None


def _elementwise(call: Call, trace: Trace) -> Ids | None:
    width = call.outputs[0].shape[-1]
    if not _scalars(call):
        return None
    coupled = []
    for tensor in call.inputs:
        ids = trace.ids(tensor)
        if len(ids) == width:
            coupled.append(ids)
            if call.kind == "Multiply" and _spread(tensor, call.outputs[0]):
                trace.channels.gate(ids)
        else:  # one channel that all others meet
            trace.channels.keep(ids)
    for ids in coupled[1:]:
        trace.channels.join(coupled[0], ids)
    return coupled[0]


def _concatenated(call: Call, trace: Trace) -> Ids | None:
    parts = [trace.ids(tensor) for tensor in call.inputs]
    if call.op.axis in (-1, len(call.outputs[0].shape) - 1):
        return np.concatenate(parts)
    for ids in parts[1:]:
        trace.channels.join(parts[0], ids)
    return parts[0]


def _reshaped(call: Call, trace: Trace) -> Ids | None:
    inputs, width = trace.ids(call.inputs[0]), call.outputs[0].shape[-1]
    if not len(inputs) or width % len(inputs):
        return None
    made = np.tile(inputs, width // len(inputs))  # row-major: channels are what varies fastest
    settings = call.op.get_config()
    for key in ("target_shape", "newshape"):  # of the layer, of the operation
        if key in settings and settings[key][-1] != -1:
            return trace.weighted(call, [], made, made, key)
    return made


def _reduced(call: Call, trace: Trace) -> Ids | None:
    axes, rank = call.op.axis, len(call.inputs[0].shape)
    axes = [axes] if isinstance(axes, int) else axes
    return None if axes is None or any(a % rank == rank - 1 for a in axes) else trace.ids(call.inputs[0])


def _permuted(call: Call, trace: Trace) -> Ids | None:
    last = len(call.inputs[0].shape) - 1
    return trace.ids(call.inputs[0]) if call.op.dims[-1] == last else None


def _new(call: Call, trace: Trace) -> Ids:
    known = trace.layers.get(id(call.op))
    if known is not None:
        return known.made
    made = trace.channels.fresh(call.outputs[0].shape[-1])
    if not _by_element(call):
        trace.keep(call.op.name, made, "its activation looks at all channels")
    return made


def _setting(call: Call) -> str:
    return "units" if call.kind == "Dense" else "filters"


def _taps(call: Call, channels: int) -> tuple[None, ...]:
    return (None,) * (len(call.op.weights[0].shape) - channels)


def _by_element(call: Call) -> bool:
    import keras

    name = keras.activations.serialize(call.op.activation)
    return isinstance(name, str) and name in _FUNCTIONS


def _scalars(call: Call) -> bool:
    """Whether no argument or setting differs from channel to channel."""
    settings = [getattr(call.op, key, None) for key in ("scale", "offset")]  # of a Rescaling
    return all(np.size(value) == 1 for value in (*call.constants, *settings))


def _spread(tensor: Any, over: Any) -> bool:
    """Whether one position of `tensor` meets many of `over`, as a squeeze-excite gate does."""
    return all(n == 1 for n in tensor.shape[1:-1]) and any(n != 1 for n in over.shape[1:-1])


def _dimensions(*stems: str) -> list[str]:
    return [f"{stem}{n}D" for stem in stems for n in (1, 2, 3)]


_RULES: dict[str, Callable[[Call, Trace], Ids | None]] = {
    **dict.fromkeys(["Dense", *_dimensions("Conv")], _convolution),
    **dict.fromkeys([f"{name}Transpose" for name in _dimensions("Conv")], _transposed),
    **dict.fromkeys(_dimensions("DepthwiseConv"), _depthwise),
    **dict.fromkeys(_dimensions("SeparableConv"), _separable),
    **dict.fromkeys(["BatchNormalization", "PReLU"], _normalised),
    **dict.fromkeys(
        ["Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "Identity",
         "ActivityRegularization", "Rescaling", "ReLU", "LeakyReLU", "ELU",
         *_dimensions("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling"),
         *_dimensions("ZeroPadding", "Cropping", "UpSampling"),
         "Relu", "Relu6", "LeakyRelu", "Elu", "Selu", "Gelu", "Silu", "HardSilu", "Sigmoid", "HardSigmoid",
         "Tanh", "HardTanh", "Softplus", "Softsign", "Absolute", "Negative", "Square", "Sqrt", "Exp", "Clip"],
        _passed,
    ),
    "Activation": _activation,
    **dict.fromkeys(
        ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Divide", "TrueDivide"], _elementwise
    ),
    "Concatenate": _concatenated,
    **dict.fromkeys(["Reshape", "Flatten"], _reshaped),
    **dict.fromkeys(["Mean", "Sum", "Max", "Min"], _reduced),
    "Permute": _permuted,
}  # fmt: skip

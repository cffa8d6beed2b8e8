"""What each kind of layer does to the scale of its tensors in int8."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """Where a layer's output gets its range from."""

    WEIGHTS = auto()  # a range of its own, behind an activation that it is fused with
    PAIR = auto()  # the same, without weights
    CLAMP = auto()  # an activation that kernels apply by clamping what they round
    OWN = auto()  # a range of its own
    MEAN = auto()  # the same; over whole axes
    SWISH = auto()  # the same; hard swish, whose kernel is coarser than its output
    FIXED = auto()  # the range that the kernel prescribes
    SAME = auto()  # the very values of its input
    ROUNDED = auto()  # the range of its input, but other values
    JOINED = auto()  # one range with all of its inputs
    UNKNOWN = auto()


SIGMOID = (0.0, 255.0 / 256.0)  # scale 1/256, zero point -128; softmax as well
TANH = (-1.0, 127.0 / 128.0)  # scale 1/128, zero point 0

_BY_NAME: dict[str, Kind] = {
    name: kind
    for kind, names in {
        Kind.WEIGHTS: "Conv1D Conv2D DepthwiseConv2D Dense",
        Kind.PAIR: "Add Subtract Multiply",
        Kind.CLAMP: "ReLU6 Relu Relu6 ShiftedRelu6",
        Kind.OWN: "Sixth LeakyReLU LeakyRelu Gelu",
        Kind.SWISH: "HardSilu",
        Kind.MEAN: "GlobalAveragePooling1D GlobalAveragePooling2D Mean",
        Kind.FIXED: "Softmax Sigmoid Tanh",
        Kind.SAME: "MaxPooling1D MaxPooling2D GlobalMaxPooling1D GlobalMaxPooling2D Reshape Flatten Permute "
        "ZeroPadding1D ZeroPadding2D Cropping1D Cropping2D Identity Dropout SpatialDropout1D "
        "SpatialDropout2D AlphaDropout GaussianDropout GaussianNoise ActivityRegularization Transpose "
        "Squeeze ExpandDims",
        Kind.ROUNDED: "AveragePooling1D AveragePooling2D",
        Kind.JOINED: "Concatenate Maximum Minimum",
    }.items()
    for name in names.split()
}
_ACTIVATIONS = {
    "sigmoid": Kind.FIXED,
    "softmax": Kind.FIXED,
    "tanh": Kind.FIXED,
    "hard_silu": Kind.SWISH,
    "gelu": Kind.OWN,
    "leaky_relu": Kind.OWN,
}


def kind_of(op: Any) -> Kind:
    """Returns the kind of a Keras layer or operation of a split model."""
    name = type(op).__name__
    if name == "Activation":
        return _ACTIVATIONS.get(op.activation.__name__, Kind.UNKNOWN)
    if name == "ReLU":
        if op.threshold or op.max_value not in (None, 6):
            return Kind.UNKNOWN
        return Kind.OWN if op.negative_slope else Kind.CLAMP
    if name == "UpSampling2D":
        return {"nearest": Kind.SAME, "bilinear": Kind.ROUNDED}.get(op.interpolation, Kind.UNKNOWN)
    return _BY_NAME.get(name, Kind.UNKNOWN)


def fixed_range(op: Any) -> tuple[float, float]:
    """Returns the range that an operation of kind FIXED has."""
    name = op.activation.__name__ if type(op).__name__ == "Activation" else type(op).__name__
    return TANH if name.lower() == "tanh" else SIGMOID

"""Functions of one int16 value with zero point 0: slopes, the logistic function, interpolated tables."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Ref, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.quant import quantize_multiplier

SIGMOID_SCALE = 1.0 / 32768
_STEPS = 512
_LIMITS = np.iinfo(np.int16)

Function = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def check_slopes(checks: Checks, data: Tensor, output: Tensor) -> bool:
    """Checks that the ratio of the scales is one that 32 bit can hold."""
    ratio = data.q.scale / output.q.scale
    return checks.require(
        2.0**-30 < ratio < 1 << 14,
        "its scales are out of proportion",
        f"input scale / output scale between 1e-9 and {1 << 14}",
        f"{ratio:g}",
    )


def ratio(node: NodeView, target: Target, slope: float = 1.0) -> float:
    """Returns input scale x slope / output scale, in float32 for litert and in double for tflm."""
    real = np.float64 if target.numerics == "tflm" else np.float32
    scale, made = real(node.input(0).q.scale), real(node.output().q.scale)
    return float(scale * real(slope) / made)


def slopes(
    node: NodeView,
    real: float,
    negative: float,
    *,
    sign: int = 1,
    low: int = _LIMITS.min,
    high: int = _LIMITS.max,
) -> KernelCall:
    """Returns the call of ek_slope_s16.

    Args:
        node: A checked node.
        real, negative: What values from 0 on, and below, are multiplied with.
        sign: Of the latter, before they are.
        low, high: The clamp.
    """
    multiplier, shift = quantize_multiplier(real)
    negative_multiplier, negative_shift = quantize_multiplier(negative)
    return KernelCall(
        "ek_slope_s16",
        {
            "count": node.output().elements,
            "multiplier": multiplier,
            "shift": shift,
            "negative_multiplier": negative_multiplier,
            "negative_shift": negative_shift,
            "negative_sign": sign,
            "low": low,
            "high": high,
        },
        (node.input(0).index,),
        (node.output().index,),
        in_place=((0, 0),),
    )


def sigmoid_scaling(scale: float) -> tuple[int, int]:
    """Returns multiplier and shift that bring an input to steps of 1 / 12288, as both references do.

    Args:
        scale: Of the input, at least 2^-31 and at most 2.
    """
    mantissa, exponent = math.frexp(scale)
    if mantissa == 0.5 and exponent - 1 in (-12, -11):
        return 3 << (exponent + 11), 0
    real, shift = scale * 4096.0 * 3.0, 0
    while real <= 32767.0 / 2.0 and shift <= 30:
        real, shift = real * 2.0, shift + 1
    return int(real), shift


def check_sigmoid(checks: Checks, data: Tensor, output: Tensor) -> bool:
    """Checks the output's only quantisation and the input's range."""
    return checks.require(
        abs(output.q.scale - SIGMOID_SCALE) <= 1e-6 * SIGMOID_SCALE,
        "its output has a quantisation that this operator does not allow",
        f"scale {SIGMOID_SCALE:g}",
        f"{output.q.scale:g}",
        "convert the model again with a current converter",
    ) and checks.require(
        2.0**-31 <= data.q.scale <= 2.0,
        "its input scale is out of range",
        "2^-31 to 2",
        f"{data.q.scale:g}",
    )


def sigmoid(node: NodeView, *, tanh: bool) -> KernelCall:
    """Returns the call of ek_sigmoid_s16."""
    multiplier, shift = sigmoid_scaling(node.input(0).q.scale)
    return KernelCall(
        "ek_sigmoid_s16",
        {"count": node.output().elements, "multiplier": multiplier, "shift": shift, "tanh": tanh},
        (node.input(0).index,),
        (node.output().index,),
        in_place=((0, 0),),
    )


def interpolated(node: NodeView, function: Function) -> KernelCall:
    """Returns the call of ek_table_s16 for a function of float32."""
    data, output = node.input(0), node.output()
    entries = lut(function, np.float32(data.q.scale), 0, np.float32(output.q.scale))
    return KernelCall(
        "ek_table_s16",
        {"table": Ref("table"), "count": output.elements},
        (data.index,),
        (output.index,),
        (Constant("table", entries),),
        in_place=((0, 0),),
    )


def lut(
    function: Function, input_scale: np.float32, input_zero_point: int, output_scale: np.float32
) -> NDArray[np.int16]:
    """Returns the table of a function, each step shifted by half its error in the middle.

    Source: TensorFlow Lite, LUTPopulateInt16, in float32.

    Args:
        function: From float32 to float32, correctly rounded.
        input_scale, input_zero_point: Of the input.
        output_scale: Of the output, whose zero point is 0.

    Returns:
        int16 [513].
    """
    one = np.float32(1)
    first = input_scale * np.float32(_LIMITS.min - input_zero_point)
    last = input_scale * np.float32(_LIMITS.max - input_zero_point)
    reach = output_scale * np.float32(_LIMITS.max) - output_scale * np.float32(_LIMITS.min)
    step = (last - first) / np.float32(_STEPS)
    inverse = np.float32(1 << 16) / reach
    at = np.arange(_STEPS, dtype=np.float32)
    with np.errstate(all="ignore"):
        value = function(first + at * step) * inverse
        middle = _round(function(first + at * step + step / np.float32(2)) * inverse)
        following = function(first + (at + one) * step) * inverse
        sample = _round(value)
        error = _round((following + sample) / np.float32(2)) - middle
        end = _round(function(np.array([last], np.float32)) * inverse)
        entries = np.append(sample - _round(error / np.float32(2)), end)
    clipped: NDArray[np.int16] = np.clip(entries, _LIMITS.min, _LIMITS.max).astype(np.int16)
    return clipped


def _round(x: NDArray[np.float32]) -> NDArray[np.float32]:
    rounded = np.copysign(np.floor(np.abs(x.astype(np.float64)) + 0.5), x)
    return rounded.astype(np.float32)

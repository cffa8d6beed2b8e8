"""Fake quantisation in plain operations, so that its gradients are deterministic and reach the ranges.

Rounding passes its gradient straight through (Bengio et al., arXiv:1308.3432). Halves are rounded up, as
int8 kernels do. The grid of a range is that of TensorFlow Lite's 8-bit specification: 256 levels, zero one
of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

LEVELS = 255  # steps between the least and the largest int8
_LEAST_RANGE = 1e-6
_LEAST_WEIGHT = 1e-12


def fake_quant(x: Any, minimum: Any, maximum: Any) -> Any:
    """Returns `x` on the int8 grid of a range.

    Args:
        x: float32, any shape.
        minimum, maximum: float32 scalars; widened to include zero.
    """
    from keras import ops

    scale, zero = scale_and_zero(minimum, maximum)
    levels = ops.clip(_round(x / scale) + zero, 0.0, float(LEVELS))
    return (levels - zero) * scale


def kernel_rounded(x: Any, minimum: Any, maximum: Any, unit: Any, count: int) -> Any:
    """Returns `x` on the int8 grid of a range, as a kernel that multiplies its sums in fixed point rounds it.

    It rounds twice: after a multiplier of 31 bits, and after the shift that follows. Has no gradient.

    Args:
        x: float32: sums of products, divided by `count`.
        minimum, maximum: As for `fake_quant`.
        unit: float32, scalar or [channels]: what a sum of 1 stands for.
        count: What sums are divided by.
    """
    from keras import ops

    scale, zero = scale_and_zero(minimum, maximum)
    ratio = unit / scale
    shift = ops.floor(ops.log2(ratio)) + 1.0 - float(count.bit_length() - 1)
    kept = 2.0 ** ops.minimum(shift, 0.0)  # what the first rounding leaves
    sums = ops.floor(x * (count / unit) + 0.5)
    first = ops.floor(sums * (ratio / (count * kept)) + 0.5) * kept
    return (ops.clip(_half_away(first) + zero, 0.0, float(LEVELS)) - zero) * scale


def pool_rounded(x: Any, minimum: Any, maximum: Any) -> Any:
    """Returns averages on the grid of their inputs; halves of an int8 value go away from zero.

    Args:
        x: float32: averages, weighted or not, of values on the grid.
        minimum, maximum: As for `fake_quant`.
    """
    from keras import ops

    scale, zero = scale_and_zero(minimum, maximum)
    offset = zero - 128.0
    levels = x / scale + offset
    hair = 1e-4 * ops.sign(levels)  # a half that float32 misses is one
    return (_half_away(levels + hair) - offset) * scale


def hard_swish_rounded(x: Any, scale_in: Any, minimum: Any, maximum: Any) -> Any:
    """Returns x * relu6(x + 3) / 6 on the grid of a range, as the kernel computes it in 16-bit fixed point.

    Source: TensorFlow Lite, `reference_ops::HardSwish`.

    Args:
        x: float32, on a grid.
        scale_in: float32 scalar: of that grid.
        minimum, maximum: As for `fake_quant`.
    """
    from keras import ops

    x, scale_in = ops.cast(x, "float64"), ops.cast(scale_in, "float64")
    scale, zero = (ops.cast(v, "float64") for v in scale_and_zero(minimum, maximum))
    fine = ops.floor(x / scale_in + 0.5) * 128.0
    factor, shift = _multiplier16(scale_in / 128.0 / scale)
    straight = ops.floor(fine * factor + 0.5)
    factor, left = _multiplier16(scale_in / 128.0 * 32768.0 / 3.0)
    gate = _int16(fine * 2.0 ** ops.maximum(left - 1.0, 0.0))
    gate = _int16(ops.floor(gate * factor + 0.5) * 2.0 ** ops.clip(left, 0.0, 1.0))
    gate = ops.floor((_half_away(gate * 2.0 ** ops.minimum(left, 0.0)) + 32768.0) / 2.0)
    product = gate * straight / 32768.0
    product = ops.sign(product) * ops.floor(ops.abs(product))
    levels = ops.clip(_half_away(product * 2.0**shift) + zero, 0.0, float(LEVELS))
    return ops.cast((levels - zero) * scale, "float32")


def _multiplier16(ratio: Any) -> tuple[Any, Any]:
    """Returns a factor of 15 bits from 0.5 to 1 and the power of two that make a ratio."""
    from keras import ops

    exponent = ops.floor(ops.log2(ratio)) + 1.0
    factor = ops.floor(ratio / 2.0**exponent * 32768.0 + 0.5)
    return ops.minimum(factor, 32767.0) / 32768.0, exponent


def _int16(x: Any) -> Any:
    from keras import ops

    return ops.clip(x, -32768.0, 32767.0)


def scale_and_zero(minimum: Any, maximum: Any) -> tuple[Any, Any]:
    """Returns scale and zero point of a range; the zero point counts from the least level.

    Args:
        minimum, maximum: float32 scalars; widened to include zero.
    """
    from keras import ops

    minimum = ops.minimum(minimum, 0.0)
    maximum = ops.maximum(ops.maximum(maximum, 0.0), minimum + _LEAST_RANGE)
    scale = (maximum - minimum) / LEVELS
    return scale, ops.clip(_round(-minimum / scale), 0.0, float(LEVELS))


def fake_quant_weights(kernel: Any, axes: tuple[int, ...]) -> Any:
    """Returns weights on the symmetric grid -127 ... 127 of each output channel.

    The scale is the channel's largest magnitude over 127, as the converter takes it.

    Args:
        kernel: float32 weights.
        axes: Those that are not of the output channel.
    """
    from keras import ops

    scale = weight_scale(kernel, axes)
    return kernel + ops.stop_gradient(ops.floor(kernel / scale + 0.5) * scale - kernel)


def weight_scale(kernel: Any, axes: tuple[int, ...]) -> Any:
    """Returns the scales of weights, of their rank; see `fake_quant_weights`."""
    from keras import ops

    largest = ops.max(ops.abs(kernel), axis=axes, keepdims=True)
    return ops.stop_gradient(ops.maximum(largest, _LEAST_WEIGHT) / 127.0)


def nudged(minimum: float, maximum: float) -> tuple[np.float32, np.float32]:
    """Returns the ends of the grid of a range: what the converter is told.

    Args:
        minimum, maximum: As for `scale_and_zero`.
    """
    scale, zero = (
        np.float64(np.asarray(value)) for value in scale_and_zero(np.float32(minimum), np.float32(maximum))
    )
    return np.float32(-zero * scale), np.float32((LEVELS - zero) * scale)


def _round(x: Any) -> Any:
    from keras import ops

    return x + ops.stop_gradient(ops.floor(x + 0.5) - x)


def _half_away(x: Any) -> Any:
    from keras import ops

    return ops.sign(x) * ops.floor(ops.abs(x) + 0.5)

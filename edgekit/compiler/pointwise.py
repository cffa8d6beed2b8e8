"""What elementwise int8 kernels compute, in NumPy, from the very parameters that they are called with.

The arithmetic is that of `firmware/kernels` to the bit, 32-bit wrapping among it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.ops.base import KernelCall

Values: TypeAlias = NDArray[np.int64]
Params: TypeAlias = Mapping[str, Any]

INPUTS: Values = np.arange(-128, 128, dtype=np.int64)


def evaluate(call: KernelCall, operands: Mapping[int, Values]) -> Values | None:
    """Returns what a kernel writes for elements that stand at the same place of its inputs.

    Args:
        call: Of any kernel.
        operands: int8 values by tensor, of one shape, for every input of the call.

    Returns:
        int8 values of that shape; None where the kernel is not elementwise, an operand is a constant
        that is not the same everywhere, or the kernel is not known here.
    """
    if call.kernel == "ek_table_s8":
        table = call.constants[0].data.astype(np.int64)
        return np.asarray(table[operands[call.inputs[0]] + 128], np.int64)
    kind = call.kernel.removeprefix("ek_").removesuffix("_s8").removesuffix("_constant")
    if kind not in _BINARY or call.kernel not in (f"ek_{kind}_s8", f"ek_{kind}_constant_s8"):
        return None
    values = [operands[tensor] for tensor in call.inputs]
    params: Params = call.params
    if call.constants:
        constant = call.constants[0].data.reshape(-1).astype(np.int64)
        if constant.size == 0 or (constant != constant[0]).any():
            return None
        values.insert(0 if params.get("constant_first") else 1, np.full_like(values[0], constant[0]))
        params = params[kind]
    return _BINARY[kind](params, values[0], values[1])


def _wrapped(x: Values) -> Values:
    """Returns what a conversion to int32 leaves."""
    wrapped: Values = ((x + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
    return wrapped


def _twice(x: Values, multiplier: int, shift: int) -> Values:
    """Mirrors ek_requantize_twice."""
    high = _wrapped((_wrapped(x << max(shift, 0)) * multiplier + (1 << 30)) >> 31)
    return high if shift >= 0 else (((high + (high >> 31)) >> (-shift - 1)) + 1) >> 1


def _clamped(p: Params, x: Values) -> Values:
    clamped: Values = np.clip(x, p["low"], p["high"]) + p["output_zero_point"]
    return clamped


def _scaled(p: Params, x1: Values, x2: Values, bits: int) -> tuple[Values, Values]:
    """Returns both operands on their common scale."""
    return (
        _twice(_wrapped((x1 - p["zero_point1"]) << bits), p["multiplier1"], p["shift1"]),
        _twice(_wrapped((x2 - p["zero_point2"]) << bits), p["multiplier2"], p["shift2"]),
    )


def _add(p: Params, x1: Values, x2: Values) -> Values:
    a, b = _scaled(p, x1, x2, 20)
    return _clamped(p, _twice(a + b, p["output_multiplier"], p["output_shift"]))


def _sub(p: Params, x1: Values, x2: Values) -> Values:
    a, b = _scaled(p, x1, x2, 20)
    return _clamped(p, _twice(a - b, p["output_multiplier"], p["output_shift"]))


def _mul(p: Params, x1: Values, x2: Values) -> Values:
    return _clamped(p, _twice((x1 - p["zero_point1"]) * (x2 - p["zero_point2"]), p["multiplier"], p["shift"]))


def _squared_difference(p: Params, x1: Values, x2: Values) -> Values:
    a, b = _scaled(p, x1, x2, 7)
    return _clamped(p, _twice(_wrapped((a - b) ** 2), p["output_multiplier"], p["output_shift"]))


def _prelu(p: Params, x: Values, alpha: Values) -> Values:
    value = x - p["zero_point"]
    negative = _twice(value * (alpha - p["alpha_zero_point"]), p["alpha_multiplier"], p["alpha_shift"])
    scaled = np.where(value >= 0, _twice(value, p["multiplier"], p["shift"]), negative)
    clipped: Values = np.clip(scaled + p["output_zero_point"], -128, 127)
    return clipped


def _minimum(p: Params, x1: Values, x2: Values) -> Values:
    return np.minimum(x1, x2)


def _maximum(p: Params, x1: Values, x2: Values) -> Values:
    return np.maximum(x1, x2)


_BINARY: dict[str, Callable[[Params, Values, Values], Values]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "squared_difference": _squared_difference,
    "prelu": _prelu,
    "minimum": _minimum,
    "maximum": _maximum,
}

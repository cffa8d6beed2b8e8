"""What elementwise float32 operators compute between a DEQUANTIZE and a QUANTIZE, in NumPy.

Each is one IEEE operation, correctly rounded, so that every runtime gives the same bits. Functions of a C
library (EXP, ELU, ...) are none, since libraries differ in the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.quant import Quantization

Floats = NDArray[np.float32]

_UNARY: dict[str, Callable[[Floats], Floats]] = {
    "NEG": np.negative,
    "ABS": np.abs,
    "RELU": lambda x: np.maximum(x, np.float32(0)),
    "RELU6": lambda x: np.clip(x, np.float32(0), np.float32(6)),
}
_BINARY: dict[str, Callable[[Floats, Floats], Floats]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "MAXIMUM": np.maximum,
    "MINIMUM": np.minimum,
}


def quantized(data: Floats, q: Quantization) -> NDArray[np.int64]:
    """Returns int8 values: divided in float32, rounded half away from zero, saturated.

    Args:
        data: Finite values.
        q: One scale and zero point.
    """
    with np.errstate(over="ignore"):  # saturates below
        steps = (data / np.float32(q.scale)).astype(np.float64)
    rounded = np.copysign(np.floor(np.abs(steps) + 0.5), steps) + q.zero_point
    return np.asarray(np.clip(rounded, -128, 127), np.int64)


def dequantized(data: NDArray[Any], q: Quantization) -> Floats:
    """Returns scale x (value - zero point) as float32."""
    return np.asarray((data.astype(np.int64) - q.zero_point).astype(np.float32) * np.float32(q.scale))


def per_tensor(q: Quantization | None) -> bool:
    """Says whether there is one scale, finite and above 0, and one zero point."""
    return (
        q is not None
        and q.scales.shape == q.zero_points.shape == (1,)
        and bool(0 < q.scales[0] < np.inf and abs(q.zero_point) <= 1 << 15)
    )


def reads(view: NodeView) -> list[int]:
    """Returns the tensors that an elementwise float32 node works on; none where it is no such node."""
    arguments = {**dict.fromkeys(_UNARY, 1), **dict.fromkeys(_BINARY, 2)}.get(view.node.op)
    if arguments != len(view.inputs) or len(view.outputs) != 1 or _activation(view):
        return []
    output, moving = view.output(), []
    for tensor in view.inputs:
        if tensor is None or tensor.dtype != np.float32 or output.dtype != np.float32 or tensor.variable:
            return []
        if tensor.data is None:
            moving.append(tensor)
        elif tensor.data.size == 0 or not (tensor.data == tensor.data.flat[0]).all():
            return []
    same = all(tensor.shape == output.shape for tensor in moving)
    return [tensor.index for tensor in moving] if same else []


def evaluate(view: NodeView, operands: Mapping[int, Floats]) -> Floats:
    """Returns what a node that `reads` something computes.

    Args:
        view: The node.
        operands: Values by tensor, of one shape, for all that it reads.
    """
    shape = next(iter(operands.values())).shape
    values = [
        np.full(shape, tensor.data.flat[0], np.float32) if tensor.data is not None else operands[tensor.index]
        for tensor in view.inputs
        if tensor is not None
    ]
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite then makes no table
        if len(values) == 1:
            return _UNARY[view.node.op](values[0])
        return _BINARY[view.node.op](values[0], values[1])


def _activation(view: NodeView) -> bool:
    return bool(view.options.get("fused_activation_function", 0))

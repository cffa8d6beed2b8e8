"""What nodes compute that depend on constants and fixed shapes alone.

Exact by construction: elements are moved or converted as every runtime does, or integers computed without
rounding or overflow.
Whatever is faulty or not covered gives None, and is left to the operator's own check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler import floats
from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Operator
from edgekit.compiler.ops.common.geometry import broadcast_shape
from edgekit.compiler.ops.common.movement import Movement

MAX_BYTES = 1 << 20  # of a result
_MAX_RANK = 8

Values: TypeAlias = list[NDArray[Any]]


def evaluate(node: NodeView, known: Mapping[str, Operator]) -> Values | None:
    """Returns the value of each output, of its type and shape; None where it is not known.

    Args:
        node: Any node of a sound graph.
        known: Operators by builtin name.
    """
    if not node.outputs or sum(tensor.nbytes for tensor in node.outputs) > MAX_BYTES:
        return None
    values = _values(node, known)
    if values is None or len(values) != len(node.outputs):
        return None
    typed = []
    for value, tensor in zip(values, node.outputs, strict=True):
        made = value.astype(tensor.dtype)
        if value.shape != tensor.shape or not np.array_equal(made, value):
            return None
        typed.append(made)
    return typed


def _values(node: NodeView, known: Mapping[str, Operator]) -> Values | None:
    op, inputs = node.node.op, node.inputs
    if op in ("SHAPE", "RANK") and len(inputs) == 1 and inputs[0] is not None:
        shape = inputs[0].shape
        return [np.array(shape if op == "SHAPE" else len(shape), np.int64)]
    known_inputs = [tensor for tensor in inputs if tensor is not None and not tensor.variable]
    constants = [tensor.data for tensor in known_inputs if tensor.data is not None]
    if not constants or len(constants) != len(inputs):
        return None
    operator = known.get(op)
    if isinstance(operator, Movement):
        moved = operator.evaluate(node) if len(node.outputs) == 1 else None
        return None if moved is None else [moved]
    if op in ("RESHAPE", "SQUEEZE", "EXPAND_DIMS"):
        return _reshaped(node, constants[0])
    if op in _TYPES:
        return _TYPES[op](node, constants)
    integers = all(data.dtype in (np.int32, np.int64) for data in constants)
    if not integers or node.options.get("fused_activation_function", 0):
        return None
    if op in _BINARY:
        return _binary(node, constants, _BINARY[op])
    return _LISTS[op](node, constants) if op in _LISTS else None


def _reshaped(node: NodeView, data: NDArray[Any]) -> Values | None:
    output = node.output()
    same = data.size == output.elements and data.dtype == output.dtype
    return [data.reshape(output.shape)] if same else None


def _floor_divide(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any] | None:
    return np.floor_divide(a, b) if b.all() else None


def _floor_mod(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any] | None:
    return np.mod(a, b) if b.all() else None


_BINARY: dict[str, Callable[[NDArray[Any], NDArray[Any]], NDArray[Any] | None]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "MINIMUM": np.minimum,
    "MAXIMUM": np.maximum,
    "FLOOR_DIV": _floor_divide,
    "FLOOR_MOD": _floor_mod,
}
_LARGEST = 1 << 31  # of operands, so that no int64 result overflows


def _binary(
    node: NodeView,
    constants: Values,
    compute: Callable[[NDArray[Any], NDArray[Any]], NDArray[Any] | None],
) -> Values | None:
    if len(constants) != 2 or broadcast_shape(*(c.shape for c in constants)) != node.output().shape:
        return None
    a, b = (data.astype(np.int64) for data in constants)
    if max(int(np.abs(a).max()), int(np.abs(b).max())) > _LARGEST:
        return None
    found = compute(a, b)
    return None if found is None else [np.asarray(found)]


def _dequantized(node: NodeView, constants: Values) -> Values | None:
    q = node.input(0).quantization
    if len(constants) != 1 or q is None or not floats.per_tensor(q) or constants[0].dtype != np.int8:
        return None
    return [floats.dequantized(constants[0], q)]


def _quantized(node: NodeView, constants: Values) -> Values | None:
    data, output = constants[0], node.output()
    q = output.quantization
    if len(constants) != 1 or q is None or not floats.per_tensor(q) or output.dtype != np.int8:
        return None
    held = data.dtype == np.float32 and bool(np.isfinite(data).all())
    return [floats.quantized(data, q)] if held else None


def _split(node: NodeView, constants: Values) -> Values | None:
    if len(constants) != 2 or constants[0].size != 1:
        return None
    axis, data, count = int(constants[0].reshape(-1)[0]), constants[1], len(node.outputs)
    held = -data.ndim <= axis < data.ndim and data.shape[axis] % count == 0
    return list(np.split(data, count, axis)) if held else None


# Of elements of any type; what they compute in float32 is one operation, rounded once.
_TYPES: dict[str, Callable[[NodeView, Values], Values | None]] = {
    "DEQUANTIZE": _dequantized,
    "QUANTIZE": _quantized,
    "SPLIT": _split,
}


def _cast(node: NodeView, constants: Values) -> Values | None:
    return [constants[0]] if len(constants) == 1 else None


def _concatenated(node: NodeView, constants: Values) -> Values | None:
    output, axis = node.output(), node.options["axis"]
    rank = len(output.shape)
    if not -rank <= axis < rank or any(data.ndim != rank for data in constants):
        return None
    expected = [
        (*output.shape[: axis % rank], d.shape[axis], *output.shape[axis % rank + 1 :]) for d in constants
    ]
    if [data.shape for data in constants] != expected:
        return None
    return [np.concatenate(constants, axis)]


def _packed(node: NodeView, constants: Values) -> Values | None:
    axis, shapes = node.options["axis"], {data.shape for data in constants}
    rank = constants[0].ndim + 1
    if len(shapes) != 1 or not -rank <= axis < rank or rank > _MAX_RANK:
        return None
    return [np.stack(constants, axis)]


def _unpacked(node: NodeView, constants: Values) -> Values | None:
    axis, data = node.options["axis"], constants[0]
    if len(constants) != 1 or not -data.ndim <= axis < data.ndim:
        return None
    return list(np.moveaxis(data, axis, 0))


def _gathered(node: NodeView, constants: Values) -> Values | None:
    axis, data = node.options["axis"], constants[0]
    if len(constants) != 2 or node.options["batch_dims"] or not -data.ndim <= axis < data.ndim:
        return None
    indices = constants[1]
    rank = data.ndim - 1 + indices.ndim
    held = (indices >= 0).all() and (indices < data.shape[axis]).all() and rank <= _MAX_RANK
    return [np.take(data, indices, axis)] if held else None


def _filled(node: NodeView, constants: Values) -> Values | None:
    shape = node.output().shape
    held = len(constants) == 2 and constants[0].reshape(-1).tolist() == list(shape) and constants[1].size == 1
    return [np.full(shape, constants[1].reshape(-1)[0])] if held else None


def _ranged(node: NodeView, constants: Values) -> Values | None:
    if len(constants) != 3 or any(data.size != 1 for data in constants):
        return None
    start, limit, delta = (int(data.reshape(-1)[0]) for data in constants)
    if delta == 0 or node.output().shape != (len(range(start, limit, delta)),):
        return None
    return [np.array(range(start, limit, delta), np.int64)]


_LISTS: dict[str, Callable[[NodeView, Values], Values | None]] = {
    "CAST": _cast,
    "CONCATENATION": _concatenated,
    "PACK": _packed,
    "UNPACK": _unpacked,
    "GATHER": _gathered,
    "FILL": _filled,
    "RANGE": _ranged,
}

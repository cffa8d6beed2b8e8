"""Writes small .tflite files for tests, through the schema's own generated classes.

    data = build(
        tensors=[T("x", (1, 4), scale=0.5), T("y", (1, 4), scale=0.5)],
        ops=[Op("ADD", ["x", "x"], ["y"], {"fused_activation_function": 0})],
        inputs=["x"],
        outputs=["y"],
    )

The generated classes are a second opinion on every field number that edgekit's own reader uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_TYPES = {
    "float32": 0,
    "resource": 13,
    "int32": 2,
    "uint8": 3,
    "int64": 4,
    "bool": 6,
    "int16": 7,
    "int8": 9,
}
# Operators whose options table is not named after them.
_OPTIONS = {
    "AVERAGE_POOL_2D": "Pool2DOptions",
    "MAX_POOL_2D": "Pool2DOptions",
    "MEAN": "ReducerOptions",
    "SUM": "ReducerOptions",
    "REDUCE_MAX": "ReducerOptions",
    "REDUCE_MIN": "ReducerOptions",
    "CONV_2D": "Conv2DOptions",
    "DEPTHWISE_CONV_2D": "DepthwiseConv2DOptions",
    "SVDF": "SVDFOptions",
    "PADV2": "PadV2Options",
    "L2_NORMALIZATION": "L2NormOptions",
    "BATCH_MATMUL": "BatchMatMulOptions",
    "BATCH_TO_SPACE_ND": "BatchToSpaceNDOptions",
    "SPACE_TO_BATCH_ND": "SpaceToBatchNDOptions",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTMOptions",
}


@dataclass
class T:
    """One tensor; `data` makes it a constant, `scale` (one or per channel) gives it a quantisation."""

    name: str
    shape: Sequence[int]
    dtype: str = "int8"
    scale: float | Sequence[float] | None = None
    zero_point: int | Sequence[int] = 0
    axis: int = 0
    data: Any = None
    variable: bool = False
    shape_signature: Sequence[int] | None = None


@dataclass
class Op:
    """One operator; "" among the inputs stands for an optional one that is absent."""

    name: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    options: dict[str, Any] = field(default_factory=dict)
    version: int = 1
    intermediates: Sequence[str] = ()


@dataclass
class Sub:
    """One subgraph."""

    tensors: Sequence[T]
    ops: Sequence[Op]
    inputs: Sequence[str]
    outputs: Sequence[str]
    name: str = "main"


def build(
    tensors: Sequence[T],
    ops: Sequence[Op],
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    signature: tuple[Sequence[str], Sequence[str]] | None = None,
    more: Sequence[Sub] = (),
    old_codes: bool = False,
) -> bytes:
    """Returns a .tflite file.

    Args:
        tensors, ops, inputs, outputs: The main subgraph; tensors are referred to by name.
        signature: Names of inputs and outputs in a SignatureDef, or None for no SignatureDef.
        more: Further subgraphs.
        old_codes: Whether to write `deprecated_builtin_code` alone, as old converters did.
    """
    model = schema.ModelT()
    model.version = 3
    model.description = b"made by a test"
    model.buffers = [_buffer(None)]
    model.operatorCodes = []
    graphs = [Sub(tensors, ops, inputs, outputs), *more]
    model.subgraphs = [_subgraph(model, graph, old_codes) for graph in graphs]
    if signature:
        model.signatureDefs = [_signature(graphs[0], signature)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _subgraph(model: Any, graph: Sub, old_codes: bool) -> Any:
    index = {tensor.name: i for i, tensor in enumerate(graph.tensors)}
    index[""] = -1
    made = schema.SubGraphT()
    made.name = graph.name.encode()
    made.tensors = [_tensor(model, tensor) for tensor in graph.tensors]
    made.inputs = [index[name] for name in graph.inputs]
    made.outputs = [index[name] for name in graph.outputs]
    made.operators = []
    for op in graph.ops:
        operator = schema.OperatorT()
        operator.opcodeIndex = _code(model, op, old_codes)
        operator.inputs = [index[name] for name in op.inputs]
        operator.outputs = [index[name] for name in op.outputs]
        if op.intermediates:
            operator.intermediates = [index[name] for name in op.intermediates]
        _set_options(operator, op)
        made.operators.append(operator)
    return made


def _tensor(model: Any, tensor: T) -> Any:
    made = schema.TensorT()
    made.name = tensor.name.encode()
    made.shape = list(tensor.shape)
    if tensor.shape_signature is not None:
        made.shapeSignature = list(tensor.shape_signature)
    made.type = _TYPES[tensor.dtype]
    made.isVariable = tensor.variable
    made.buffer = 0
    if tensor.scale is not None:
        scales = np.atleast_1d(np.asarray(tensor.scale, np.float32))
        points = np.broadcast_to(np.asarray(tensor.zero_point, np.int64), scales.shape)
        quantization = schema.QuantizationParametersT()
        quantization.scale = scales
        quantization.zeroPoint = points.copy()
        quantization.quantizedDimension = tensor.axis
        made.quantization = quantization
    if tensor.data is not None:
        model.buffers.append(_buffer(np.asarray(tensor.data, tensor.dtype)))
        made.buffer = len(model.buffers) - 1
    return made


def _buffer(data: np.ndarray | None) -> Any:
    buffer = schema.BufferT()
    if data is not None:
        buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
    return buffer


def _code(model: Any, op: Op, old_codes: bool) -> int:
    code = getattr(schema.BuiltinOperator, op.name)
    for i, known in enumerate(model.operatorCodes):
        if (max(known.builtinCode, known.deprecatedBuiltinCode), known.version) == (code, op.version):
            return i
    made = schema.OperatorCodeT()
    made.deprecatedBuiltinCode = min(code, 127)
    made.builtinCode = 0 if old_codes else code
    made.version = op.version
    model.operatorCodes.append(made)
    return len(model.operatorCodes) - 1


def _set_options(operator: Any, op: Op) -> None:
    camel = "".join(part.capitalize() for part in op.name.split("_"))
    name = _OPTIONS.get(op.name, f"{camel}Options")
    if not hasattr(schema, f"{name}T"):
        assert not op.options, f"no options table is known for {op.name}"
        return
    table = getattr(schema, f"{name}T")()
    for key, value in op.options.items():
        first, *rest = key.split("_")
        attribute = first + "".join(part.capitalize() for part in rest)
        assert hasattr(table, attribute), f"{name} has no field {attribute}"
        setattr(table, attribute, value)
    operator.builtinOptionsType = getattr(schema.BuiltinOptions, name)
    operator.builtinOptions = table


def _signature(graph: Sub, names: tuple[Sequence[str], Sequence[str]]) -> Any:
    index = {tensor.name: i for i, tensor in enumerate(graph.tensors)}
    made = schema.SignatureDefT()
    made.signatureKey = b"serving_default"
    made.subgraphIndex = 0
    made.inputs, made.outputs = (
        [_tensor_map(name, index[tensor]) for name, tensor in zip(given, tensors, strict=True)]
        for given, tensors in zip(names, (graph.inputs, graph.outputs), strict=True)
    )
    return made


def _tensor_map(name: str, index: int) -> Any:
    made = schema.TensorMapT()
    made.name = name.encode()
    made.tensorIndex = index
    return made

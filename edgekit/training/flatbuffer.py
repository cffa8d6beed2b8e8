"""Reading, changing and writing .tflite files as the schema's objects."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, INT16, INT8 = 0, 7, 9  # numbers of TensorType
QUANTIZED = (INT16, INT8)
QUANTIZE, DEQUANTIZE = 114, 6  # numbers of BuiltinOperator


def parse(data: bytes) -> Any:
    """Returns a file as a tree of the schema's objects."""
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromPackedBuf(data, 0)


def pack(model: Any) -> bytes:
    """Returns the file of a tree; signatures are left out, as they may name what is no more."""
    import flatbuffers

    model.signatureDefs = None
    builder = flatbuffers.Builder(1 << 16)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def op_name(model: Any, operator: Any) -> str:
    """Returns the builtin name of an operator."""
    from ai_edge_litert import schema_py_generated as schema

    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    code = model.operatorCodes[operator.opcodeIndex]
    return str(names[max(code.builtinCode, code.deprecatedBuiltinCode)])


def tensor_name(tensor: Any) -> str:
    """Returns the name of a tensor."""
    return str(tensor.name.decode(errors="replace")) if tensor.name else ""


class Builder:
    """Adds to a file.

    Args:
        model: Changed in place.
    """

    def __init__(self, model: Any) -> None:
        self.model, self.graph = model, model.subgraphs[0]

    def clear(self) -> None:
        """Takes away operators and tensors."""
        self.model.operatorCodes, self.model.buffers = [], self.model.buffers[:1]
        self.model.metadata = None
        self.graph.operators, self.graph.tensors = [], []

    def tensor(
        self, shape: Sequence[int], kind: int, quantization: Any, data: NDArray[Any] | None, name: str
    ) -> int:
        """Adds a tensor, constant where it has data; returns its number."""
        made = _new("TensorT")
        made.shape, made.type, made.quantization, made.name = shape, kind, quantization, name.encode()
        made.buffer = 0
        if data is not None:
            buffer = _new("BufferT")
            buffer.data = np.frombuffer(bytes(data), np.uint8)
            self.model.buffers.append(buffer)
            made.buffer = len(self.model.buffers) - 1
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def operator(self, code: int, given: int, made: int) -> Any:
        """Returns a new operator without options, not yet in its place."""
        entry = _new("OperatorCodeT")
        entry.builtinCode = entry.deprecatedBuiltinCode = code
        entry.version = 3  # int16 as well
        operator = _new("OperatorT")
        operator.opcodeIndex, operator.inputs, operator.outputs = self._code(entry), [given], [made]
        return operator

    def copy(self, source: Any, operator: Any, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Appends an operator of another file."""
        made = copy.copy(operator)
        made.opcodeIndex = self._code(source.operatorCodes[operator.opcodeIndex])
        made.inputs, made.outputs = list(inputs), list(outputs)
        self.graph.operators.append(made)

    def _code(self, entry: Any) -> int:
        def key(code: Any) -> tuple[int, int, int]:
            return code.builtinCode, code.deprecatedBuiltinCode, code.version

        known = [key(code) for code in self.model.operatorCodes]
        if key(entry) not in known:
            self.model.operatorCodes.append(entry)
            return len(known)
        return known.index(key(entry))


def _new(kind: str) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    return getattr(schema, kind)()

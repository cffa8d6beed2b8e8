"""For TensorFlow Lite Micro: the model as a constant array, its op resolver, its arena per core."""

from __future__ import annotations

from collections.abc import Mapping

from edgekit.compiler.emit.cmsis_nn import CORES, Isa, extra_bytes
from edgekit.compiler.emit.interface import ports
from edgekit.compiler.emit.templates import render
from edgekit.compiler.graph import Model
from edgekit.compiler.names import comment
from edgekit.errors import InputError, Problem

# Builtin operators that TFLM's MicroMutableOpResolver can add; source: micro_mutable_op_resolver.h of
# tflite-micro 90b983c.
_METHOD_NAMES = """
Abs Add AddN ArgMax ArgMin AssignVariable AveragePool2D BatchMatMul BatchToSpaceNd BroadcastArgs
BroadcastTo CallOnce Cast Ceil Concatenation Conv2D Cos CumSum DepthToSpace DepthwiseConv2D Dequantize Div
DynamicUpdateSlice Elu EmbeddingLookup Equal Exp ExpandDims Fill Floor FloorDiv FloorMod FullyConnected
Gather GatherNd Greater GreaterEqual HardSwish If L2Normalization L2Pool2D LeakyRelu Less LessEqual Log
LogSoftmax LogicalAnd LogicalNot LogicalOr Logistic MaxPool2D Maximum Mean Minimum MirrorPad Mul Neg
NotEqual Pack Pad PadV2 Prelu Quantize ReadVariable ReduceAll ReduceMax ReduceMin Relu Relu6 Reshape
ResizeBilinear ResizeNearestNeighbor ReverseV2 Round Rsqrt SelectV2 Shape Sin Slice Softmax SpaceToBatchNd
SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze StridedSlice Sub Sum Svdf Tanh Transpose
TransposeConv UnidirectionalSequenceLSTM Unpack VarHandle While ZerosLike
"""
_METHODS = frozenset(_METHOD_NAMES.split())
_SPECIAL = {
    "BATCH_MATMUL": "BatchMatMul",
    "CUMSUM": "CumSum",
    "PADV2": "PadV2",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
    "CUSTOM CIRCULAR_BUFFER": "CircularBuffer",
    "CUSTOM TFLite_Detection_PostProcess": "DetectionPostprocess",
    "CUSTOM ethos-u": "EthosU",
}
_BYTES_PER_LINE = 16


def emit(model: Model, data: bytes, name: str, arenas: Mapping[Isa, int]) -> dict[str, str]:
    """Returns the C++ of a model for TFLM.

    Args:
        model: As read from `data`.
        data: The .tflite file.
        name: Identifier that everything is named by.
        arenas: Arena size by instruction set, from `arena_sizes`.

    Returns:
        Text by file name: `<name>_flatbuffer.{h,cc}` and `<name>_op_resolver.h`.

    Raises:
        InputError: The model uses an operator that TFLM lacks; all of them.
    """
    inputs, outputs = ports(model)
    values = {
        "name": name,
        "macro": name.upper(),
        "file": comment(model.name),
        "sha256": model.sha256,
        "bytes": len(data),
        "inputs": inputs,
        "outputs": outputs,
        "arenas": arenas,
        "methods": resolver_methods(model),
        "body": _hex_lines(data),
    }
    return {
        f"{name}_flatbuffer.h": render("tflm/flatbuffer.h.j2", **values),
        f"{name}_flatbuffer.cc": render("tflm/flatbuffer.cc.j2", **values),
        f"{name}_op_resolver.h": render("tflm/op_resolver.h.j2", **values),
    }


def resolver_methods(model: Model) -> list[str]:
    """Returns the resolver's methods that add exactly the operators of all subgraphs, sorted.

    Raises:
        InputError: TFLM lacks some; all of them.
    """
    names = sorted({node.op for graph in model.graphs for node in graph.nodes})
    methods = {op: _method(op) for op in names}
    missing = [op for op, method in methods.items() if not method]
    if missing:
        raise InputError(
            Problem(
                f"{model.name}: {op}",
                "TensorFlow Lite Micro has no such operator",
                hint="replace the layer; a custom operator has to be registered by hand",
            )
            for op in missing
        )
    return [f"Add{method}" for method in methods.values()]


def keeps_state(model: Model) -> bool:
    """Says whether something lives on from one invocation to the next."""
    return any(tensor.variable for tensor in model.main.tensors) or any(
        node.op == "VAR_HANDLE" for node in model.main.nodes
    )


def arena_sizes(model: Model, measured: int) -> dict[Isa, int]:
    """Returns TFLM's arena size by instruction set.

    Args:
        model: As read.
        measured: What TFLM's interpreter used on the PC, in bytes. Its pointers are twice as wide
            as a microcontroller's, which covers what CMSIS-NN's own bookkeeping adds.

    Returns:
        Bytes, a multiple of 16, for cores without SIMD, with DSP instructions, and with MVE.
    """
    isas: tuple[Isa, ...] = ("scalar", "dsp", "mve")
    return {isa: -(-(measured + extra_bytes(model.graphs, isa)) // 16) * 16 for isa in isas}


def arena_by_core(arenas: Mapping[Isa, int]) -> dict[str, int]:
    """Returns the arena size by the name of each core that edgekit knows."""
    return {core: arenas[isa] for core, isa in CORES.items()}


def _method(op: str) -> str:
    if op in _SPECIAL:
        return _SPECIAL[op]
    camel = "".join("2D" if part == "2D" else part.capitalize() for part in op.split("_"))
    return camel if camel in _METHODS else ""


def _hex_lines(data: bytes) -> str:
    digits = [f"0x{value:02x}" for value in range(256)]
    lines = (data[i : i + _BYTES_PER_LINE] for i in range(0, len(data), _BYTES_PER_LINE))
    return "\n".join("    " + ", ".join(digits[value] for value in line) + "," for line in lines)

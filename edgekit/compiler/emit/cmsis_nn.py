"""What CMSIS-NN's kernels take from TFLM's arena beyond what TFLM's reference kernels do.

The rules are those of CMSIS-NN's `*_get_buffer_size` functions and of TFLM's glue around them, as of
CMSIS-NN 99f736a (Source/*/arm_*_get_buffer_sizes_{s8,s16}.c) and tflite-micro 90b983c
(tensorflow/lite/micro/kernels/cmsis_nn/*.cc). Where the size depends on the compiler or on whether
TFLM is built for speed, the larger one is taken. Scratch lives during one node only; kernel sums
live as long as the interpreter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from edgekit.compiler.graph import Graph, NodeView

Isa = Literal["scalar", "dsp", "mve"]

CORES: dict[str, Isa] = {
    "cortex-m0": "scalar",
    "cortex-m0plus": "scalar",
    "cortex-m3": "scalar",
    "cortex-m4": "dsp",
    "cortex-m7": "dsp",
    "cortex-m33": "dsp",
    "cortex-m55": "mve",
    "cortex-m85": "mve",
}

_ALIGN = 16  # of every allocation in TFLM's arena
_CHANNELS_IN_BLOCK_MVE = 124
_REVERSE_CHANNELS = 16  # above it, a transposed convolution runs as a convolution


@dataclass(frozen=True, slots=True)
class Extra:
    """Bytes that one node adds: during the node, and for good."""

    scratch: int = 0
    persistent: int = 0


def extra_bytes(graphs: Iterable[Graph], isa: Isa) -> int:
    """Returns what CMSIS-NN adds to the arena of a model.

    Args:
        graphs: All graphs of the model, as the file has them.
        isa: Instructions that CMSIS-NN uses on the core.

    Returns:
        The largest scratch of any node, and the kernel sums of all.
    """
    views = [graph.view(node) for graph in graphs for node in graph.nodes]
    extras = [_RULES[view.node.op](view, isa) for view in views if _has_operands(view)]
    return max((e.scratch for e in extras), default=0) + sum(_up(e.persistent, _ALIGN) for e in extras)


def _has_operands(view: NodeView) -> bool:
    """Says whether a rule knows the node, and the tensors that it looks at are there."""
    operands = view.inputs[: _OPERANDS.get(view.node.op, 2)]
    complete = len(operands) == _OPERANDS.get(view.node.op, 2) and bool(view.outputs and view.output().shape)
    return view.node.op in _RULES and complete and all(t is not None and t.shape for t in operands)


def _convolution(view: NodeView, isa: Isa) -> Extra:
    _, kh, kw, _ = _dims(view, 1)
    channels = _dims(view, 0)[3]
    if (kh, kw) == (1, 1):
        # 1x1 without padding needs nothing, but with armclang on DSP cores 2 x channels of int16.
        return Extra(_up(4 * channels, _ALIGN) if isa == "dsp" else 0)
    return Extra(_up(_im2col(kh * kw * channels, view.input(0).dtype.itemsize, isa), _ALIGN))


def _im2col(column: int, size: int, isa: Isa) -> int:
    if isa == "mve":  # four columns of whole vectors
        return 4 * _up(column * size, 16)
    return 2 * _up(column, 4) * 2  # two columns of int16


def _depthwise(view: NodeView, isa: Isa) -> Extra:
    _, kh, kw, made = _dims(view, 1)
    channels = _dims(view, 0)[3]
    wide = view.input(0).dtype.itemsize == 2
    if isa == "mve" and channels == 1 and made > 1 and not wide:
        return Extra(_up(_im2col(kh * kw, 1, isa) + kh * kw * made, _ALIGN))
    if isa == "mve":
        size = 4 * channels * kh * kw * 2 + 8 if wide else 4 * _CHANNELS_IN_BLOCK_MVE * kh * kw
        return Extra(_up(size, _ALIGN))
    return Extra(_up(channels * kh * kw * 2, _ALIGN) if isa == "dsp" else 0)


def _fully_connected(view: NodeView, isa: Isa) -> Extra:
    made, depth = view.input(1).shape[0], view.input(1).shape[-1]
    if view.input(0).dtype.itemsize == 2:
        return Extra()
    if len(view.output().shape) > 2 and depth % 4 == 0:  # runs as a 1x1 convolution
        return Extra(_up(made * 8, _ALIGN) + _up(4 * depth if isa == "dsp" else 0, _ALIGN))
    return Extra(persistent=4 * made if isa == "mve" else 0)


def _average_pool(view: NodeView, isa: Isa) -> Extra:
    return Extra(_up(4 * _dims(view, 0)[3], _ALIGN) if isa == "dsp" else 0)


def _transpose_conv(view: NodeView, isa: Isa) -> Extra:
    made, kh, kw, channels = _dims(view, 1)
    _, height, width, _ = _dims(view, 2)
    made_height, made_width = ((1, 1, 1, *view.output().shape))[-3:-1]
    strides = -(-made_height // height), -(-made_width // width)  # or less: then this is too much
    row = ((width - 1) * strides[1] + max(kw, *strides)) * made
    size = row * max(kh, *strides) * 4
    if channels > _REVERSE_CHANNELS:
        size = max(size, _up(_im2col(kh * kw * channels, 1, isa), _ALIGN) + channels * kh * kw * made)
    return Extra(_up(size, _ALIGN))


def _svdf(view: NodeView, isa: Isa) -> Extra:
    return Extra(persistent=4 * view.input(1).shape[0] if isa == "mve" else 0)


def _batch_matmul(view: NodeView, isa: Isa) -> Extra:
    return Extra(_up(4 * view.output().shape[-1], _ALIGN) if isa == "mve" else 0)


def _lstm(view: NodeView, isa: Isa) -> Extra:
    hidden = view.input(1).shape[0]
    size = 8 if view.input(0).dtype.itemsize == 2 else 4
    return Extra(persistent=8 * _up(hidden * size, _ALIGN))


_RULES: dict[str, Callable[[NodeView, Isa], Extra]] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise,
    "FULLY_CONNECTED": _fully_connected,
    "AVERAGE_POOL_2D": _average_pool,
    "TRANSPOSE_CONV": _transpose_conv,
    "SVDF": _svdf,
    "BATCH_MATMUL": _batch_matmul,
    "UNIDIRECTIONAL_SEQUENCE_LSTM": _lstm,
}
_OPERANDS = {"AVERAGE_POOL_2D": 1, "TRANSPOSE_CONV": 3}  # inputs that the rule looks at; 2 for others


def _dims(view: NodeView, position: int) -> tuple[int, int, int, int]:
    """Shape of an input in four dimensions; missing leading ones are 1."""
    shape = view.input(position).shape
    padded = (1,) * max(0, 4 - len(shape)) + shape
    return math.prod(padded[:-3]), padded[-3], padded[-2], padded[-1]


def _up(value: int, align: int) -> int:
    return -(-value // align) * align

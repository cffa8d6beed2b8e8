"""What values each channel of an int8 tensor can take, whatever the input: interval arithmetic over a graph.

A channel is an index along the last axis. The bounds are those of integer arithmetic: sums are bounded
tap by tap, and requantisation never decreases, so its ends follow from the ends of the sum.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from edgekit.compiler import rewriting
from edgekit.compiler.graph import Graph, NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Operator, Target
from edgekit.compiler.ops.common import activation, filters, fixedpoint, reduction
from edgekit.compiler.ops.common.same_bytes import SameBytes
from edgekit.compiler.pointwise import INPUTS, Values, evaluate
from edgekit.quant import requantize_twice

Range: TypeAlias = tuple[Values, Values]  # least and greatest value, int64 [channels]

_MONOTONE = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM")  # or bilinear: extremes lie at the ends
_SUMS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED")


def ranges(graph: Graph, known: Mapping[str, Operator], target: Target) -> dict[int, Range]:
    """Returns the range of every int8 tensor that some node writes or an input brings.

    Args:
        graph: A sound graph; of nodes that cannot be compiled, nothing is known.
        known: Operators by builtin name.
        target: Whose rounding counts.
    """
    found = {t.index: full(t) for t in graph.tensors if t.dtype == np.int8 and t.shape and not t.constant}
    for node in graph.nodes:
        view = graph.view(node)
        if len(node.outputs) == 1 and node.outputs[0] in found:
            made = _made(view, found, known, target)
            if made is not None:
                found[node.outputs[0]] = made
    return found


def full(tensor: Tensor) -> Range:
    """Returns what any int8 tensor can hold."""
    channels = tensor.shape[-1]
    return np.full(channels, -128, np.int64), np.full(channels, 127, np.int64)


def padded(view: NodeView) -> bool:
    """Says whether some window of a checked convolution lies partly outside its input."""
    return any(
        w.before > 0 or (w.outputs - 1) * w.stride - w.before + w.span > w.size for w in filters.windows(view)
    )


def _made(
    view: NodeView, found: Mapping[int, Range], known: Mapping[str, Operator], target: Target
) -> Range | None:
    op = view.node.op
    data = view.inputs[0] if view.inputs else None
    if data is None or data.index not in found or not rewriting.sound(view, known):
        return None
    if op in _SUMS:
        return _sums(view, found[data.index])
    output = view.output()
    if data.shape[-1:] != output.shape[-1:]:
        return None
    low, high = found[data.index]
    if isinstance(known[op], SameBytes):
        return low, high
    if op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        bounds = activation.clamp(output, activation.of(view.options))
        return np.clip(low, *bounds), np.clip(high, *bounds)
    if op == "PAD":
        paddings, zero = view.input(1).data, output.q.zero_point
        inside = paddings is not None and not paddings.reshape(-1, 2)[-1].any()
        return (np.minimum(low, zero), np.maximum(high, zero)) if inside else None
    call = known[op].lower(view, target)
    if not isinstance(call, KernelCall):
        return None
    if call.kernel == "ek_mean_s8":
        return _mean(view, call, low, high)
    return _elementwise(view, call, found)


def _sums(view: NodeView, given: Range) -> Range | None:
    data, weights, output = view.input(0), view.input(1), view.output()
    if data.dtype != np.int8 or output.dtype != np.int8 or weights.data is None:
        return None
    taps = weights.data.astype(np.int64)
    if view.node.op == "DEPTHWISE_CONV_2D":
        given = tuple(np.repeat(end, output.shape[-1] // data.shape[-1]) for end in given)  # type: ignore[assignment]
    elif taps.shape[-1] != data.shape[-1]:
        return None  # groups, or rows across channels
    ends = [taps * (end - data.q.zero_point) for end in given]
    least, greatest = np.minimum(*ends), np.maximum(*ends)
    if view.node.op != "FULLY_CONNECTED" and padded(view):
        least, greatest = np.minimum(least, 0), np.maximum(greatest, 0)
    axes = (0, 1, 2) if view.node.op == "DEPTHWISE_CONV_2D" else tuple(range(1, taps.ndim))
    bias = filters.values(view.optional(2))
    offset = 0 if bias is None else bias.reshape(-1).astype(np.int64)
    low, high = least.sum(axes) + offset, greatest.sum(axes) + offset
    reals = fixedpoint.channel_reals(data, weights, output)
    bounds = activation.clamp(output, activation.of(view.options))
    made = [_scaled(sums, reals) + output.q.zero_point for sums in (low, high)]
    # The dense operator rounds otherwise in one profile: by less than one step.
    slack = 1 if view.node.op == "FULLY_CONNECTED" else 0
    return np.clip(made[0] - slack, *bounds), np.clip(made[1] + slack, *bounds)


def _scaled(sums: Values, reals: np.ndarray) -> Values:
    pairs = zip(*fixedpoint.multipliers(np.broadcast_to(reals, sums.shape)), strict=True)
    scaled = [int(requantize_twice(s, int(m), int(e))) for s, (m, e) in zip(sums, pairs, strict=True)]
    return np.array(scaled, np.int64)


def _mean(view: NodeView, call: KernelCall, low: Values, high: Values) -> Range | None:
    rank, axes = len(view.input(0).shape), view.input(1).data
    if axes is None or rank - 1 in axes.reshape(-1) % rank:
        return None
    numbers = [call.params[name] for name in ("offset", "multiplier", "shift", "output_zero_point")]
    offset, multiplier, shift, zero = (int(n) for n in numbers if isinstance(n, int))
    count = reduction.count(view)
    ends = [requantize_twice(end * count + offset, multiplier, shift) + zero for end in (low, high)]
    return np.clip(ends[0], -128, 127), np.clip(ends[1], -128, 127)


def _elementwise(view: NodeView, call: KernelCall, found: Mapping[int, Range]) -> Range | None:
    read = list(dict.fromkeys(call.inputs))
    channels = view.output().shape[-1]
    if any(i not in found or len(found[i][0]) not in (1, channels) for i in read):
        return None
    if len(read) == 1:
        made = evaluate(call, {read[0]: INPUTS})
        if made is None:
            return None
        parts = [made[low + 128 : high + 129] for low, high in zip(*found[read[0]], strict=True)]
        ends = [np.array([limit(part) for part in parts], np.int64) for limit in (np.min, np.max)]
    elif view.node.op in _MONOTONE:
        corners = []
        for choice in itertools.product((0, 1), repeat=len(read)):
            given = [found[i][end] for i, end in zip(read, choice, strict=True)]
            made = evaluate(call, dict(zip(read, np.broadcast_arrays(*given), strict=True)))
            if made is None:
                return None
            corners.append(made)
        ends = [np.minimum.reduce(corners), np.maximum.reduce(corners)]
    else:
        return None
    return np.broadcast_to(ends[0], channels), np.broadcast_to(ends[1], channels)

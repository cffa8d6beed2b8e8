"""Channel constants of kernels that scale weights, so that all outputs of a layer are shifted alike.

With weights and bias scaled by 2^(s + 1), floor(sum x multiplier / 2^32) is floor(v 2^s), v being the product
before gemmlowp rounds it. Its two roundings, the second a shift by r, are then one:
floor((floor(v 2^s) + (1/2 + 2^(r - 1)) 2^s) / 2^(r + s)) with r + s = SHIFT; negative sums lack 2^s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.common import filters, fixedpoint
from edgekit.quant import requantize_twice

SHIFT = 12  # of the multiplied sum, in the kernels' assembly
_SCALES = (2, 8)  # scaled weights fit 16 bit
_LARGEST_BIAS = 1 << 25  # 64 x bias + scale fits 32 bit
_LARGEST_SUM = 1 << 31  # scaled


@dataclass(frozen=True, slots=True)
class Scaled:
    """What such a kernel computes a layer from.

    Args:
        rows: int8 [channels, ...], the weights; 0 for a channel whose output never changes.
        words: int32 [channels, 2]: 64 x bias + scale, s + 1, and the multiplier.
    """

    rows: NDArray[np.int8]
    words: NDArray[np.int32]


def channels(node: NodeView, axis: int) -> Scaled | None:
    """Returns the constants of a filter's channels, or None where one of them does not fit.

    Args:
        node: A checked node with data, constant weights, and an optional bias.
        axis: Dimension of the output channels in the weights.
    """
    data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
    rows = filters.rows(weights, axis).reshape(weights.shape[axis], -1).astype(np.int64)
    given = filters.values(bias)
    folded = np.zeros(len(rows), np.int64) if given is None else given.reshape(-1).astype(np.int64)
    folded = folded - data.q.zero_point * rows.sum(1)
    lowest = folded + np.minimum(-128 * rows, 127 * rows).sum(1)
    highest = folded + np.maximum(-128 * rows, 127 * rows).sum(1)
    reals = np.broadcast_to(fixedpoint.channel_reals(data, weights, output), len(rows))
    multipliers, shifts = fixedpoint.multipliers(np.asarray(reals))
    words = np.zeros((len(rows), 2), np.int64)
    for i, (multiplier, shift) in enumerate(zip(multipliers.tolist(), shifts.tolist(), strict=True)):
        ends = requantize_twice(np.array([lowest[i], highest[i]]), multiplier, shift)
        if ends[0] == ends[1]:
            rows[i] = 0
            words[i] = _still(int(ends[0]))
            continue
        scale = 1 + SHIFT + shift
        largest = int(128 * np.abs(rows[i]).sum() + abs(folded[i]))
        if not _SCALES[0] <= scale <= _SCALES[1] or largest << scale >= _LARGEST_SUM:
            return None
        if abs(folded[i]) >= _LARGEST_BIAS:
            return None
        words[i] = 64 * folded[i] + scale, multiplier
    return Scaled(rows.astype(np.int8), words.astype(np.int32))


def _still(value: int) -> tuple[int, int]:
    """Returns the words of a channel whose output, less the zero point, is `value`."""
    scale = _SCALES[0]
    return 64 * (min(max(value, -512), 512) << SHIFT) + scale, 1 << (32 - scale)

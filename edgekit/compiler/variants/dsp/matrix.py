"""Constants of channels as the matrix kernels read them (firmware/kernels/ek_matrix_dsp.h)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.common import activation
from edgekit.compiler.variants.dsp import packing

_RECTIFY, _TWICE, _ONCE = range(3)
_LARGEST_BIAS = 1 << 22  # 512 x bias + shift fits 32 bit


def channels(node: NodeView, once: bool = False) -> NDArray[np.int32] | None:
    """Returns int32 [channels, 2]: 512 x bias + shift - 1, and the multiplier; None where they do not fit.

    Args:
        node: A checked node with data, constant weights [channels, ...], and an optional bias.
        once: Round once, as LiteRT's FULLY_CONNECTED does; else twice.
    """
    general = packing.channels(node, 0, once)
    if general is None:
        return None
    first, multipliers = general.words[:, 0].astype(np.int64), general.words[:, 1]
    bias, shift = first >> 6, first & 63
    if np.abs(bias).max() >= _LARGEST_BIAS:
        return None
    return np.stack([512 * bias + shift - 1, multipliers], 1).astype(np.int32)


def rounding(node: NodeView, once: bool = False) -> int:
    """Returns how outputs are rounded, as `ek_matrix_t` numbers it."""
    output = node.output()
    low, _ = activation.clamp(output, activation.of(node.options))
    if once:
        return _ONCE
    return _RECTIFY if low >= output.q.zero_point else _TWICE

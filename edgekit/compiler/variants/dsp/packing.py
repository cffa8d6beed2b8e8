"""Weights and channel constants as the kernels *_dsp read them (firmware/kernels/ek_dsp.h)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Param
from edgekit.compiler.ops.common import activation, filters, fixedpoint

_LARGEST_SHIFT = 22  # 2^22 x (2 x zero point + 1) and a product fit 32 bit
_LARGEST_BIAS = 1 << 25  # 64 x bias + shift fits 32 bit
_LARGEST_SUM = 1 << 29  # a doubled sum with its bias fits 32 bit
_LARGEST_ODD_SUM = 1 << 23  # 256 x a sum fits 32 bit


@dataclass(frozen=True, slots=True)
class Channels:
    """What turns each channel's sum of weight x input into its output.

    Args:
        words: int32 [channels, 2]: 64 x bias + shift, and the multiplier.
        once: Whether to round once, half up; else twice.
    """

    words: NDArray[np.int32]
    once: bool = False


def channels(node: NodeView, axis: int, once: bool = False) -> Channels | None:
    """Returns the constants of a filter's channels; None where they do not fit the kernels' arithmetic.

    Args:
        node: A checked node with data, constant weights, and an optional bias.
        axis: Dimension of the output channels in the weights.
        once: Round once, as LiteRT's FULLY_CONNECTED does; else twice.
    """
    data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
    rows = filters.rows(weights, axis).reshape(weights.shape[axis], -1).astype(np.int64)
    given = filters.values(bias)
    folded = np.zeros(len(rows), np.int64) if given is None else given.reshape(-1).astype(np.int64)
    folded = folded - data.q.zero_point * rows.sum(1)
    reals = np.broadcast_to(fixedpoint.channel_reals(data, weights, output), len(rows))
    largest = 128 * np.abs(rows).sum(1)
    if largest.max() >= _LARGEST_ODD_SUM or np.abs(folded).max() >= _LARGEST_BIAS:
        return None
    multipliers, shifts = fixedpoint.multipliers(np.asarray(reals))
    right = -shifts.astype(np.int64)
    if (
        not (shift_fits(right.min()) and shift_fits(right.max()))
        or (largest + np.abs(folded)).max() >= _LARGEST_SUM
    ):
        return None
    if once and not all(
        _equal_once(float(real), int(m), int(r), int(b))
        for real, m, r, b in zip(reals, multipliers, right, largest + np.abs(folded), strict=True)
    ):
        return None
    return Channels(np.stack([64 * folded + right, multipliers], 1).astype(np.int32), once)


def _equal_once(real: float, multiplier: int, shift: int, largest: int) -> bool:
    """Proves that a 31-bit multiplier gives what double arithmetic rounds to, for every sum.

    Both grow with the sum, so it suffices to compare them on both sides of every step of the output.
    """
    steps = np.arange(-256, 257) - 0.5
    near = np.clip(np.floor(steps / real), -float(1 << 31), float(1 << 31)).astype(np.int64)
    sums = np.concatenate([(near[:, None] + np.arange(-2, 4)).reshape(-1), [-largest, largest]])
    sums = sums[np.abs(sums) <= largest]
    products = sums.astype(np.float64) * real
    wanted = np.copysign(np.floor(np.abs(products) + 0.5), products)
    found = (((2 * sums * multiplier) >> 32) + (1 << shift >> 1)) >> shift
    return np.array_equal(np.clip(found, -256, 256), np.clip(wanted, -256, 256))


def shift_fits(right: int) -> bool:
    """Says whether the kernels can shift an output to the right by so many bits."""
    return 1 <= right <= _LARGEST_SHIFT


def clamp(node: NodeView) -> dict[str, Param]:
    """Returns the parameters that place and limit the output."""
    output = node.output()
    low, high = activation.clamp(output, activation.of(node.options))
    return {
        "centre": 2 * output.q.zero_point + 1,
        "clamped": (low, high) != (-128, 127),
        "low": low,
        "high": high,
    }


def pairs(rows: NDArray[np.int8]) -> NDArray[np.uint32] | None:
    """Packs the weights of neighbouring channels into common halfwords, 256 x odd + even.

    A word holds two steps of depth as SXTB16 widens four bytes of input: steps 0 and 2, then 1 and 3.

    Args:
        rows: int8 [even number of channels, depth, a multiple of 4].

    Returns:
        uint32 [channels / 2, depth / 2], or None where two weights do not fit a halfword.
    """
    wide = rows.astype(np.int64)
    halves = 256 * wide[1::2] + wide[::2]
    if halves.size and (halves.min() < -(1 << 15) or halves.max() >= 1 << 15):
        return None
    fours = (halves & 0xFFFF).reshape(len(halves), -1, 4)
    words = fours[:, :, :2] | fours[:, :, 2:] << 16
    return words.reshape(len(halves), -1).astype(np.uint32)


def padded(values: NDArray[Any], axis: int, multiple: int) -> NDArray[Any]:
    """Returns `values` with zeros behind, so that an axis is a multiple of `multiple`."""
    widths = [(0, 0)] * values.ndim
    widths[axis] = (0, -values.shape[axis] % multiple)
    return np.pad(values, widths)


def words(values: NDArray[np.int32]) -> NDArray[np.uint32]:
    """Returns the same bits as unsigned words."""
    return np.ascontiguousarray(values).view(np.uint32)

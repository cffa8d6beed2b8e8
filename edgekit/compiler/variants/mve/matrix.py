"""How int32 sums become outputs, as the kernels of matrix products do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Param
from edgekit.compiler.ops.common import activation, filters, fixedpoint

VECTOR = 16  # bytes


def up(value: int, step: int) -> int:
    """Returns `value` rounded up to a multiple of `step`."""
    return -(-value // step) * step


@dataclass(frozen=True, slots=True)
class Rounding:
    """How int32 sums become outputs, per channel.

    Args:
        multipliers: int32 [channels].
        shifts: int8 [channels], at most 0: to the right.
        fix: Whether negative values need the step from half up to half away from zero.
        once: Whether the shift alone rounds.
    """

    multipliers: NDArray[np.int32]
    shifts: NDArray[np.int8]
    fix: bool = False
    once: bool = False


def rounds_twice(node: NodeView, channels: int) -> Rounding | None:
    """Returns the two roundings of a node with data, weights and output; None if they need a left shift."""
    reals = fixedpoint.channel_reals(node.input(0), node.input(1), node.output())
    multipliers, shifts = fixedpoint.multipliers(reals)
    shifts = np.where(multipliers == 0, np.int8(-1), shifts).astype(np.int8)
    # Negative values end below a clamp at zero, however they are rounded.
    fix = activation.bounds(node.output(), activation.of(node.options))["low"] < 0
    if shifts.max() > 0 or (fix and shifts.max() == 0):
        return None
    return Rounding(_per_channel(multipliers, channels), _per_channel(shifts, channels), fix)


def _per_channel(values: NDArray[Any], channels: int) -> NDArray[Any]:
    return np.ascontiguousarray(np.broadcast_to(values, (channels,)))


def rounds_once(node: NodeView, channels: int) -> Rounding | None:
    """Returns 31-bit multipliers that round sums once, as double arithmetic does; None where none is proven.

    floor(floor(x * m / 2^31) / 2^n + 1/2) equals floor(x * m / 2^(31 + n) + 1/2), so nothing is lost
    between multiplication and shift. Like the reference it never falls as x grows, so it is enough to
    compare both at the sums next to each step of the output.
    """
    data, weights, output = node.input(0), node.input(1), node.output()
    bounds = fixedpoint.largest_sums(
        filters.rows(weights, 0), filters.values(node.optional(2)), data.q.zero_point
    )
    reals = fixedpoint.channel_reals(data, weights, output)
    if len(reals) == 1:
        bounds = bounds.max(keepdims=True)
    found = [_single(float(real), int(bound)) for real, bound in zip(reals, bounds, strict=True)]
    pairs = [pair for pair in found if pair is not None]
    if len(pairs) < len(found):
        return None
    multipliers = np.array([m for m, _ in pairs], np.int32)
    shifts = np.array([s for _, s in pairs], np.int8)
    return Rounding(_per_channel(multipliers, channels), _per_channel(shifts, channels), once=True)


def _single(real: float, largest: int) -> tuple[int, int] | None:
    mantissa, exponent = np.frexp(real)
    if exponent > 0 or largest >= 1 << 31:
        return None
    if exponent < -31:
        return 0, -1
    steps = np.arange(-256, 257) - 0.5
    near = np.clip(np.floor(steps / real), -float(1 << 31), float(1 << 31)).astype(np.int64)
    sums = (near[:, None] + np.arange(-2, 4)).reshape(-1)
    sums = sums[np.abs(sums) <= largest]
    products = sums * real
    wanted = np.clip(np.copysign(np.floor(np.abs(products) + 0.5), products), -256, 256)
    nearest = round(float(mantissa) * (1 << 31))
    for multiplier in (nearest, nearest + 1, nearest - 1, nearest + 2, nearest - 2):
        if 0 < multiplier < 1 << 31:
            high = (sums * multiplier) >> 31
            half = 1 << -int(exponent) >> 1
            if np.array_equal(np.clip((high + half) >> -int(exponent), -256, 256), wanted):
                return multiplier, int(exponent)
    return None


def fields(node: NodeView, rounding: Rounding) -> dict[str, Param]:
    """Returns the fields that every kernel of a matrix product has."""
    output = node.output()
    low, high = activation.clamp(output, activation.of(node.options))
    return {
        "fix": int(rounding.fix),
        "output_zero_point": output.q.zero_point,
        "low": low,
        "high": high,
    }


def rows(node: NodeView) -> NDArray[np.int8]:
    """Returns the weights of a node that have the channels first, int8 [channels, depth]."""
    weights = node.input(1)
    return filters.rows(weights, 0).reshape(weights.shape[0], -1)


def folded(node: NodeView) -> NDArray[np.int64]:
    """Returns what is added to each sum: the bias, minus the input's zero point times the weights' sum."""
    bias = filters.values(node.optional(2))
    sums: NDArray[np.int64] = -node.input(0).q.zero_point * rows(node).astype(np.int64).sum(1)
    if bias is not None:
        sums += bias.reshape(-1)
    return sums

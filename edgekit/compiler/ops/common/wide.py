"""16x8: layers of int16 activations and int8 weights, all zero points 0 (docs/numerics.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, Param, Ref
from edgekit.compiler.ops.common import activation, fixedpoint
from edgekit.compiler.ops.common.checks import Checks

TWICE, ONCE, FINE = range(3)  # EK_ROUND_...
_WIDEST_SUM = float(1 << 47)
_LARGEST_REAL = 128.0  # beyond it the shift of a 16-bit multiplier is out of the references' range


def rounding(bias: Tensor | None) -> int:
    """Returns how a layer rounds: its sums are as wide as its bias, int64 where there is none."""
    return ONCE if bias is None or bias.dtype == np.int64 else TWICE


def check_sums(checks: Checks, bounds: NDArray[np.float64], reals: NDArray[np.float64]) -> bool:
    """Checks that no input can make a sum leave 48 bit, or what it is scaled to 32.

    Args:
        checks: Of the node.
        bounds: float64 [channels], the largest magnitude that a sum can reach.
        reals: float64 [channels], what sums are multiplied with.
    """
    return checks.require(
        bool(np.all(reals < _LARGEST_REAL) and np.all((reals >= 2.0**-31) | (bounds * reals < 0.5))),
        "its scales are out of proportion",
        f"input scale x weight scale / output scale from 2^-31 to {_LARGEST_REAL:g}",
        f"{float(np.min(reals)):g} to {float(np.max(reals)):g}",
    ) and checks.require(
        bool(np.all(bounds < _WIDEST_SUM) and np.all(bounds * reals < 1 << 30)),
        "its sums may leave 48 bit, or 32 when scaled",
        f"below {_WIDEST_SUM:.0f}",
        f"{float(np.max(bounds)):.0f}",
        "the weights, the bias or the scales are damaged, or the layer is too deep",
    )


def scale(
    node: NodeView, data: Tensor, weights: Tensor, bias: Tensor | None, how: int
) -> tuple[dict[str, Param], list[Constant]]:
    """Returns the fields of an ek_scale_s16_t and the constants that it refers to.

    Args:
        node: A checked node with a fused activation.
        data, weights, bias: Its tensors.
        how: TWICE, ONCE or FINE.
    """
    output = node.output()
    constants = requantization(fixedpoint.channel_reals(data, weights, output), how)
    if bias is not None and bias.data is not None:
        constants.append(Constant("bias", bias.data.astype(np.int64)))
    low, high = activation.clamp(output, activation.of(node.options))
    return fields(constants, how, low, high), constants


def requantization(reals: NDArray[np.float64], how: int) -> list[Constant]:
    """Returns multipliers and shifts, and fractions where FINE."""
    if how == FINE:
        fine = [fixedpoint.fine_multiplier(float(real), (1 << 47) - 1, wide=True) for real in reals]
        return [
            Constant("multipliers", np.array([f.multiplier for f in fine], np.int32)),
            Constant("fractions", np.array([f.fraction for f in fine], np.uint32)),
            Constant("shifts", np.array([f.shift for f in fine], np.int8)),
        ]
    multipliers, shifts = fixedpoint.multipliers(reals)
    if how == ONCE:
        rounded = (multipliers.astype(np.int64) + (1 << 15)) >> 16
        multipliers = np.where(multipliers < 0x7FFF0000, rounded, 0x7FFF).astype(np.int32)
    return [Constant("multipliers", multipliers), Constant("shifts", shifts)]


def fields(constants: list[Constant], how: int, low: int, high: int) -> dict[str, Param]:
    """Returns an ek_scale_s16_t whose arrays are these constants."""
    given = {constant.name: constant.data for constant in constants}
    arrays: dict[str, Param] = {
        name: Ref(name) if name in given else 0 for name in ("bias", "multipliers", "fractions", "shifts")
    }
    return {
        **arrays,
        "per_channel": len(given["multipliers"]) > 1,
        "rounding": how,
        "low": low,
        "high": high,
    }

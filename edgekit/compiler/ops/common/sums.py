"""What ADD and SUB share: both operands are brought to twice the larger scale, with more bits."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Param
from edgekit.compiler.ops.common import activation, binary
from edgekit.compiler.ops.common.checks import Checks
from edgekit.quant import quantize_multiplier


def left_shift(node: NodeView) -> int:
    """Returns the bits by which operands are shifted first."""
    return 15 if node.output().dtype == np.int16 else 20


def check_scales(checks: Checks) -> bool:
    """Checks that the scales of a node of two activations are in proportion."""
    node = checks.node
    most = left_shift(node) - 1
    ratio = max(node.input(i).q.scale for i in (0, 1)) / node.output().q.scale
    return checks.require(
        2.0**-30 < ratio < 1 << most,
        "its scales are out of proportion",
        f"input scale / output scale between 1e-9 and 2^{most}",
        f"{ratio:g}",
    )


def multipliers(node: NodeView, first: Tensor, second: Tensor) -> dict[str, Param]:
    """Returns the multipliers and shifts of both operands and of the result."""
    common = 2.0 * max(first.q.scale, second.q.scale)
    multiplier1, shift1 = quantize_multiplier(first.q.scale / common)
    multiplier2, shift2 = quantize_multiplier(second.q.scale / common)
    made = common / ((1 << left_shift(node)) * node.output().q.scale)
    output_multiplier, output_shift = quantize_multiplier(made)
    return {
        "multiplier1": multiplier1,
        "multiplier2": multiplier2,
        "shift1": shift1,
        "shift2": shift2,
        "output_multiplier": output_multiplier,
        "output_shift": output_shift,
    }


def wide(node: NodeView, sign2: int) -> KernelCall:
    """Returns the call of ek_add_s16.

    Args:
        node: A checked node of int16 tensors.
        sign2: 1 for a sum, -1 for a difference.
    """
    low, high = activation.clamp(node.output(), activation.of(node.options))
    scales = multipliers(node, node.input(0), node.input(1))
    return binary.lowered_wide(node, "ek_add_s16", {**scales, "sign2": sign2, "low": low, "high": high})

"""HARD_SWISH."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Target
from edgekit.compiler.ops.common import gemmlowp, table
from edgekit.compiler.ops.common.checks import Checks
from edgekit.quant import quantize_multiplier

_LOW, _HIGH = -(1 << 15), (1 << 15) - 1


class HardSwish(table.TableOperator):
    """x * min(max(x + 3, 0), 6) / 6, by table.

    The arithmetic is that of TFLite's reference_ops::HardSwish: 16-bit fixed point, where 3.0 is
    32768 on the scale of the factor in [0, 1].
    """

    name = "HARD_SWISH"
    code = 117
    limits = "input scale / output scale below 128"
    notes = "the same 16-bit fixed point in both profiles"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks that both multipliers are ones that 16-bit arithmetic can hold."""
        _, output_shift = _multiplier(_fine_scale(data) / np.float32(output.q.scale))
        _, factor_shift = _multiplier(_fine_scale(data) / _FACTOR_SCALE)
        return checks.require(
            -15 <= output_shift <= 0 and -15 <= factor_shift <= 16,
            "its scales are out of proportion",
            self.limits,
            f"{data.q.scale:g} / {output.q.scale:g}",
        )

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        output_multiplier, output_shift = _multiplier(_fine_scale(data) / np.float32(output.q.scale))
        multiplier, shift = _multiplier(_fine_scale(data) / _FACTOR_SCALE)
        fine = (table.INPUTS - data.q.zero_point) * 128
        factor = fine
        if shift > 0:
            factor = np.clip(factor << (shift - 1), _LOW, _HIGH)
        factor = (factor * multiplier + (1 << 14)) >> 15
        factor = np.clip(factor << 1, _LOW, _HIGH) if shift > 0 else gemmlowp.divide_by_power(factor, -shift)
        factor = (factor + (1 << 15)) >> 1
        product = factor * ((fine * output_multiplier + (1 << 14)) >> 15)
        truncated = np.sign(product) * (np.abs(product) >> 15)
        return gemmlowp.divide_by_power(truncated, -output_shift) + output.q.zero_point


_FACTOR_SCALE = np.float32(3) / np.float32(32768)


def _fine_scale(data: Tensor) -> np.float32:
    return np.float32(1 / 128) * np.float32(data.q.scale)


def _multiplier(real: np.float32) -> tuple[int, int]:
    """Returns a 16-bit multiplier and its shift."""
    multiplier, shift = quantize_multiplier(float(real))
    return min((multiplier + (1 << 15)) >> 16, _HIGH), shift


OPERATOR = HardSwish()

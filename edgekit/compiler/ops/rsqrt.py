"""RSQRT."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Target
from edgekit.compiler.ops.common import inverse_sqrt, table
from edgekit.compiler.ops.common.checks import Checks
from edgekit.quant import quantize_multiplier, requantize_twice

_FINE = 20  # bits by which the inverse square root is shifted left


class Rsqrt(table.TableOperator):
    """1 / square root, by table; the greatest output for x <= 0."""

    name = "RSQRT"
    code = 76
    notes = "gemmlowp's fixed point in both profiles; both references stop at a negative input"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks that the multiplier is one that 32-bit arithmetic can hold."""
        real = 1.0 / (math.sqrt(data.q.scale) * output.q.scale)
        return checks.require(
            2.0**-10 < real < 2.0**10,
            "its scales are out of proportion",
            "1 / (square root of the input scale x output scale) between 2^-10 and 2^10",
            f"{real:g}",
        )

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        values = table.INPUTS - data.q.zero_point
        multiplier, shift = quantize_multiplier(_real(data, output))
        made = [_of(int(value), multiplier, shift) for value in values]
        return np.where(values > 0, np.array(made) + output.q.zero_point, 127)


def _real(data: Tensor, output: Tensor) -> float:
    return 1.0 / float(np.sqrt(np.float32(data.q.scale)) * np.float32(output.q.scale))


def _of(value: int, multiplier: int, shift: int) -> int:
    inverse, right = inverse_sqrt.multiplier(max(value, 1))
    fine = requantize_twice(np.array([1]), inverse, _FINE - right)
    return int(requantize_twice(fine, multiplier, shift - _FINE)[0])


OPERATOR = Rsqrt()

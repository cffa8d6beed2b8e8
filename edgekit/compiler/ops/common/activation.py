"""Activations that are fused into an operator: a clamp of its output."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import Tensor
from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.checks import Checks

_RANGES = {0: (None, None), 1: (0.0, None), 2: (-1.0, 1.0), 3: (0.0, 6.0)}  # schema.fbs
_OPTION = "fused_activation_function"


def option(slot: int) -> Option:
    """Returns the option that names the fused activation."""
    return Option(_OPTION, slot, "int8")


def check(checks: Checks) -> bool:
    """Checks that the fused activation is one that int8 operators know."""
    found = checks.node.options[_OPTION]
    return checks.require(
        found in _RANGES,
        "has a fused activation that is not supported",
        "NONE, RELU, RELU_N1_TO_1 or RELU6",
        f"number {found}",
    )


def clamp(output: Tensor, activation: int) -> tuple[int, int]:
    """Returns the least and the greatest output value under a fused activation.

    The bounds are rounded in float32, half away from zero, as both reference runtimes do.

    Args:
        output: The output tensor.
        activation: Number of the activation in the schema.
    """
    low, high = _RANGES[activation]
    ends = np.iinfo(output.dtype)
    least = ends.min if low is None else max(ends.min, _quantized(output, low))
    greatest = ends.max if high is None else min(ends.max, _quantized(output, high))
    return least, max(least, greatest)


def bounds(output: Tensor, activation: int) -> dict[str, int]:
    """Returns the clamp as kernels take it: before the zero point is added."""
    low, high = clamp(output, activation)
    return {
        "low": low - output.q.zero_point,
        "high": high - output.q.zero_point,
        "output_zero_point": output.q.zero_point,
    }


def of(options: dict[str, int]) -> int:
    """Returns the number of the fused activation."""
    return options[_OPTION]


def _quantized(output: Tensor, real: float) -> int:
    steps = np.float32(real) / np.float32(output.q.scale)
    rounded = np.copysign(np.floor(np.abs(np.float64(steps)) + 0.5), steps)
    return int(np.clip(rounded, -(1 << 30), 1 << 30)) + output.q.zero_point

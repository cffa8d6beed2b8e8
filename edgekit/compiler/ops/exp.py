"""EXP."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import table, wide_functions
from edgekit.compiler.ops.common.checks import Checks


class Exp(table.TableOperator):
    """exp(x), by table."""

    name = "EXP"
    code = 47
    options_type = 33
    signatures = ("int8", "int16")
    wide = True
    limits = "input scale from 2^-26 to 8"
    oracles = ("litert",)
    notes = "float32, in both profiles; saturates where LiteRT's cast overflows; TFLM lacks both types"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the ranges of both."""
        return table.require_moderate(checks, data) and checks.require(
            2.0**-40 < output.q.scale < 2.0**40,
            "its output scale is out of range",
            "1e-12 to 1e12",
            f"{output.q.scale:g}",
        )

    def lower_wide(self, node: NodeView, target: Target) -> KernelCall:
        """Returns the call of ek_table_s16."""
        return wide_functions.interpolated(node, _exp)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        return table.of_float(node.input(0), node.output(), _exp)


def _exp(x: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return np.exp(x.astype(np.float64)).astype(np.float32)


OPERATOR = Exp()

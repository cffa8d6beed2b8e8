"""LOG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import table, wide_functions
from edgekit.compiler.ops.common.checks import Checks


class Log(table.TableOperator):
    """Natural logarithm, by table; the least output for x <= 0."""

    name = "LOG"
    code = 73
    signatures = ("int8", "int16")
    wide = True
    limits = "input scale from 2^-26 to 8"
    oracles = ("litert",)
    notes = "float32, in both profiles; TFLM lacks both types"

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
        least = np.float32(node.output().q.scale) * np.float32(-32768)
        return wide_functions.interpolated(node, lambda x: np.where(x > 0, _log(x), least))

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        real = np.float32(data.q.scale) * (table.INPUTS - data.q.zero_point).astype(np.float32)
        made = table.of_float(data, output, _log)
        return np.where(real > 0, made, -128)


def _log(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.log(np.where(x > 0, x, 1).astype(np.float64)).astype(np.float32)


OPERATOR = Log()

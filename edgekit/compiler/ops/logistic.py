"""LOGISTIC."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import gemmlowp, table, wide_functions
from edgekit.compiler.ops.common.checks import Checks


class Logistic(table.TableOperator):
    """1 / (1 + exp(-x)), by table."""

    name = "LOGISTIC"
    code = 14
    signatures = ("int8", "int16")
    wide = True
    limits = "output scale 1/256, zero point -128; input scale from 2^-26 to 8; int16: output scale 1/32768"
    notes = "litert: float32; tflm: gemmlowp's fixed point; int16: an interpolated table in both"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the output's quantisation and the input's range."""
        return table.require_output(checks, output, 1 / 256, -128) and table.require_moderate(checks, data)

    def check_wide(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the output's quantisation and the input's range."""
        return wide_functions.check_sigmoid(checks, data, output)

    def lower_wide(self, node: NodeView, target: Target) -> KernelCall:
        """Returns the call of ek_sigmoid_s16."""
        return wide_functions.sigmoid(node, tanh=False)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        if target.numerics == "tflm":
            return table.of_fixed_point(data, gemmlowp.logistic, 8) + output.q.zero_point
        return table.of_float(data, output, _logistic)


def _logistic(x: NDArray[np.float32]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        exp = np.exp(-x.astype(np.float64)).astype(np.float32)
    return np.float32(1) / (np.float32(1) + exp)


OPERATOR = Logistic()

"""LEAKY_RELU."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Option, Target
from edgekit.compiler.ops.common import table, wide_functions
from edgekit.compiler.ops.common.checks import Checks


class LeakyRelu(table.TableOperator):
    """x where x >= 0, alpha * x elsewhere, by table."""

    name = "LEAKY_RELU"
    code = 98
    options_type = 75
    options = (Option("alpha", 0, "float32", 0.0),)
    signatures = ("int8", "int16")
    wide = True
    limits = "alpha from 0 to 1"
    notes = "rounds twice in both profiles"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the proportion of the scales and alpha."""
        alpha = checks.node.options["alpha"]
        return super().check_scales(checks, data, output) and checks.require(
            bool(0 <= alpha <= 1), "option alpha is out of range", "0 to 1", str(alpha)
        )

    def check_wide(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the proportion of the scales and alpha."""
        alpha = checks.node.options["alpha"]
        return super().check_wide(checks, data, output) and checks.require(
            bool(0 <= alpha <= 1), "option alpha is out of range", "0 to 1", str(alpha)
        )

    def lower_wide(self, node: NodeView, target: Target) -> KernelCall:
        """Returns the call of ek_slope_s16."""
        negative = wide_functions.ratio(node, target, node.options["alpha"])
        return wide_functions.slopes(node, wide_functions.ratio(node, target), negative)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        scale, made, alpha = (np.float32(v) for v in (data.q.scale, output.q.scale, node.options["alpha"]))
        values = table.INPUTS - data.q.zero_point
        scaled = np.where(
            values >= 0,
            table.rescaled(values, float(scale / made)),
            table.rescaled(values, float(scale * alpha / made)),  # in float32, as both oracles do
        )
        return scaled + output.q.zero_point


OPERATOR = LeakyRelu()

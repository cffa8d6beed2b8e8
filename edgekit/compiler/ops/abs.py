"""ABS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import table, wide_functions


class Abs(table.TableOperator):
    """|x|, by table."""

    name = "ABS"
    code = 101
    options_type = 78
    notes = "rounds twice, the ratio of the scales in float32, in both profiles"

    signatures = ("int8", "int16")
    wide = True

    def lower_wide(self, node: NodeView, target: Target) -> KernelCall:
        """Returns the call of ek_slope_s16."""
        real = wide_functions.ratio(node, target)
        return wide_functions.slopes(node, real, real, sign=-1)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        real = float(np.float32(data.q.scale) / np.float32(output.q.scale))  # both oracles divide so
        return table.rescaled(np.abs(table.INPUTS - data.q.zero_point), real) + output.q.zero_point


OPERATOR = Abs()

"""RELU and its relatives as operators of their own: rescale, then clamp."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import activation, table, wide_functions


class Rectifier(table.TableOperator):
    """A clamp that may also change the scale.

    Class attributes:
        activation: Number of the fused activation that clamps alike.
    """

    activation: ClassVar[int]
    signatures = ("int8", "int16")
    wide = True

    def lower_wide(self, node: NodeView, target: Target) -> KernelCall:
        """Returns the call of ek_slope_s16."""
        low, high = activation.clamp(node.output(), self.activation)
        real = wide_functions.ratio(node, target)
        return wide_functions.slopes(node, real, real, low=low, high=high)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        real = float(np.float32(data.q.scale) / np.float32(output.q.scale))  # both oracles divide so
        scaled = table.rescaled(table.INPUTS - data.q.zero_point, real) + output.q.zero_point
        return np.clip(scaled, *activation.clamp(output, self.activation))

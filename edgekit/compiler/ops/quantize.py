"""QUANTIZE, from int8 to int8: another scale and zero point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Target
from edgekit.compiler.ops.common import table


class Quantize(table.TableOperator):
    """Rescales int8 values, by table."""

    name = "QUANTIZE"
    code = 114
    limits = "int8 to int8"
    notes = "rounds twice in both profiles"

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        scaled = table.rescaled(table.INPUTS - data.q.zero_point, data.q.scale / output.q.scale)
        return scaled + output.q.zero_point


OPERATOR = Quantize()

"""SQRT."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Target
from edgekit.compiler.ops.common import table


class Sqrt(table.TableOperator):
    """Square root, by table; 0 for x < 0."""

    name = "SQRT"
    code = 75
    oracles = ("litert",)
    notes = "float32, cut off, in both profiles; LiteRT stops at a negative input, TFLM lacks int8"

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        real = np.float32(data.q.scale) * (table.INPUTS - data.q.zero_point).astype(np.float32)
        steps = np.sqrt(np.maximum(real, np.float32(0))) / np.float32(output.q.scale)
        whole: NDArray[np.int64] = np.minimum(steps, 1 << 20).astype(np.int64)
        return whole + output.q.zero_point


OPERATOR = Sqrt()

"""NEG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Target
from edgekit.compiler.ops.common import table


class Neg(table.TableOperator):
    """-x, by table."""

    name = "NEG"
    code = 59
    options_type = 42
    oracles = ("litert",)
    notes = (
        "rounds twice; LiteRT negates without looking at scales and zero points and wraps at -128, and is "
        "the witness where scales are equal and zero points opposite; TFLM lacks int8"
    )

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        data, output = node.input(0), node.output()
        scaled = table.rescaled(data.q.zero_point - table.INPUTS, data.q.scale / output.q.scale)
        return scaled + output.q.zero_point


OPERATOR = Neg()

"""ELU."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Target
from edgekit.compiler.ops.common import table
from edgekit.compiler.ops.common.checks import Checks


class Elu(table.TableOperator):
    """x where x >= 0, exp(x) - 1 elsewhere, by table."""

    name = "ELU"
    code = 111
    limits = "input scale from 2^-26 to 8"
    oracles = ("tflm",)
    notes = "float32, in both profiles; LiteRT's reference kernels lack int8"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the input's range and the proportion of the scales."""
        return table.require_moderate(checks, data) and super().check_scales(checks, data, output)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        return table.of_float(node.input(0), node.output(), _elu)


def _elu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    exp = np.exp(np.minimum(x, 0).astype(np.float64)).astype(np.float32)
    return np.where(x < 0, exp - np.float32(1), x)


OPERATOR = Elu()

"""GELU."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Option, Target
from edgekit.compiler.ops.common import table
from edgekit.compiler.ops.common.checks import Checks


class Gelu(table.TableOperator):
    """x times the normal distribution up to x, by table."""

    name = "GELU"
    code = 150
    options_type = 116
    options = (Option("approximate", 0, "bool", False),)
    limits = "input scale from 2^-26 to 8"
    oracles = ("litert",)
    notes = "float32, in both profiles; TFLM lacks it"

    def check_scales(self, checks: Checks, data: Tensor, output: Tensor) -> bool:
        """Checks the input's range and the proportion of the scales."""
        return table.require_moderate(checks, data) and super().check_scales(checks, data, output)

    def table(self, node: NodeView, target: Target) -> NDArray[np.int64]:
        """Returns the outputs for the inputs -128 to 127."""
        function = _approximated if node.options["approximate"] else _exact
        return table.of_float(node.input(0), node.output(), function)


def _exact(x: NDArray[np.float32]) -> NDArray[np.float32]:
    erf = np.array([math.erf(v) for v in (x * np.float32(math.sqrt(0.5))).tolist()], np.float32)
    return np.float32(0.5) * x * (np.float32(1) + erf)


def _approximated(x: NDArray[np.float32]) -> NDArray[np.float32]:
    inner = np.float32(math.sqrt(2 / math.pi)) * (x + np.float32(0.044715) * x * x * x)
    return np.float32(0.5) * x * (np.float32(1) + np.tanh(inner.astype(np.float64)).astype(np.float32))


OPERATOR = Gelu()

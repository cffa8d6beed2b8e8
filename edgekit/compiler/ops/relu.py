"""RELU."""

from __future__ import annotations

from edgekit.compiler.ops.common.rectifier import Rectifier


class Relu(Rectifier):
    """max(x, 0), by table."""

    name = "RELU"
    code = 19
    activation = 1
    notes = "rescales and rounds twice in both profiles"


OPERATOR = Relu()

"""RELU6."""

from __future__ import annotations

from edgekit.compiler.ops.common.rectifier import Rectifier


class Relu6(Rectifier):
    """min(max(x, 0), 6), by table."""

    name = "RELU6"
    code = 21
    activation = 3
    notes = "rescales and rounds twice; TFLM clamps without rescaling: a witness for equal scales only"


OPERATOR = Relu6()

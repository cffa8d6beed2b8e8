"""RELU_N1_TO_1."""

from __future__ import annotations

from edgekit.compiler.ops.common.rectifier import Rectifier


class ReluN1To1(Rectifier):
    """min(max(x, -1), 1), by table."""

    name = "RELU_N1_TO_1"
    code = 20
    activation = 2
    oracles = ("litert",)
    notes = "rescales and rounds twice; TFLM lacks it"


OPERATOR = ReluN1To1()

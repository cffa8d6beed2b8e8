"""Whatever the scales of a file are, an operator is refused or lowered: no exception, no warning."""

from __future__ import annotations

import numpy as np
import pytest

from edgekit.compiler.ops.base import Target, operators
from edgekit.compiler.tflite.reader import read
from tests.compiler.tflite_writer import Op, T, build

UNARY = ("ABS", "NEG", "EXP", "LOG", "SQRT", "RSQRT", "ELU", "QUANTIZE", "LOG_SOFTMAX", "L2_NORMALIZATION")
BINARY = ("MUL", "SUB", "SQUARED_DIFFERENCE", "PRELU", "DIV", "LESS", "MINIMUM")
EXTREMES = [1e-45, 1e-38, 1e-30, 1e-20, 1e-10, 1e-3, 1 / 256, 1.0, 7.9, 1e3, 1e10, 1e20, 1e30, 3.4e38]


def model(op: str, scales: list[float]) -> bytes:
    output = {"dtype": "bool"} if op == "LESS" else {"scale": scales[-1]}
    tensors = [T("a", (1, 4), scale=scales[0]), T("b", (1, 4), scale=scales[1]), T("y", (1, 4), **output)]
    inputs = ["a", "b"] if op in BINARY else ["a"]
    return build(tensors, [Op(op, inputs, ["y"])], inputs, ["y"])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("op", [*UNARY, *BINARY])
def test_any_scales(op: str) -> None:
    rng = np.random.default_rng(1)
    operator = operators().by_name[op]
    drawn = [
        [1e30, 1e10, 3.4e38],
        [3.4e38, 1.0, 1e30],
        [1.0, 1.0, 1e-45],
        *rng.choice(EXTREMES, (40, 3)).tolist(),
    ]
    for scales in drawn:
        data = model(op, scales)
        graph = read(data, "x.tflite").main
        node = graph.view(graph.nodes[0])
        if not list(operator.check(node)):
            for numerics in ("litert", "tflm"):
                operator.lower(node, Target(numerics=numerics))

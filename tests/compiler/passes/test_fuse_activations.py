"""A clamp is fused into its producer where both have one quantisation, and stays where they have not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

RELU, RELU_N1_TO_1, RELU6 = 1, 2, 3
CLAMPS = {"RELU": RELU, "RELU_N1_TO_1": RELU_N1_TO_1, "RELU6": RELU6}


def model(clamp: str, *, fused: int = 0, scale: float = 0.06, read_twice: bool = False) -> bytes:
    """A convolution, a clamp, a sum with the input, a clamp; the middle of the first may be an output."""
    rng = np.random.default_rng(3)
    made = {"scale": 0.06, "zero_point": -20}
    tensors = [
        T("x", (1, 4, 5, 3), scale=0.1, zero_point=5),
        T("w", (3, 1, 1, 3), scale=0.02, data=rng.integers(-127, 128, (3, 1, 1, 3))),
        T("b", (3,), "int32", scale=0.002, data=[100, -200, 0]),
        T("a", (1, 4, 5, 3), **made),
        T("c", (1, 4, 5, 3), scale=scale, zero_point=-20),
        T("d", (1, 4, 5, 3), **made),
        T("y", (1, 4, 5, 3), **made),
    ]
    options = {"padding": 1, "stride_h": 1, "stride_w": 1, "fused_activation_function": fused}
    ops = [
        Op("CONV_2D", ["x", "w", "b"], ["a"], options, version=3),
        Op(clamp, ["a"], ["c"]),
        Op("ADD", ["c", "x"], ["d"]),
        Op(clamp, ["d"], ["y"]),
    ]
    return build(tensors, ops, ["x"], ["y", "a"] if read_twice else ["y"])


@pytest.mark.parametrize("clamp", CLAMPS)
def test_it_is_fused(clamp: str, tmp_path: Path) -> None:
    given = model(clamp)
    program = compiled(given)
    assert nodes(program) == ["CONV_2D", "ADD"] and changes(program, "fuse-activations") == 2
    assert [n.options["fused_activation_function"] for n in program.graph.nodes] == [CLAMPS[clamp]] * 2
    assert nodes(compiled(given, "fuse-activations")) == ["CONV_2D", clamp, "ADD", clamp]
    for numerics in ("litert",) if clamp == "RELU_N1_TO_1" else ("litert", "tflm"):  # which TFLM lacks
        assert_exact(given, tmp_path / numerics, numerics=numerics)


def test_two_clamps_are_one_where_the_schema_has_it(tmp_path: Path) -> None:
    given = model("RELU6", fused=RELU)
    program = compiled(given)
    assert changes(program, "fuse-activations") == 2
    assert program.graph.nodes[0].options["fused_activation_function"] == RELU6
    assert_exact(given, tmp_path / "on")
    given = model("RELU_N1_TO_1", fused=RELU)  # [0, 1]: no such activation
    assert nodes(compiled(given)) == ["CONV_2D", "RELU_N1_TO_1", "ADD"]


@pytest.mark.parametrize("given", [model("RELU", scale=0.0600001), model("RELU", read_twice=True)])
def test_it_stays_where_that_would_change_a_result(given: bytes) -> None:
    program = compiled(given)
    assert nodes(program) == ["CONV_2D", "RELU", "ADD"] and changes(program, "fuse-activations") == 1

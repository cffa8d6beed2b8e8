"""Chains that end in a constant are computed at export, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit.compiler.folding import evaluate
from edgekit.compiler.ops.base import operators
from edgekit.compiler.tflite.reader import read
from edgekit.errors import InputError
from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

INT64 = 4  # schema.fbs, TensorType


def free_batch() -> bytes:
    """What a converter emits for x[:, ::2] broadcast over a batch that it does not know."""
    q = {"scale": 0.5, "zero_point": 3}
    numbers = {"zero": [0], "one": [1], "end": [1], "three": 3, "two": [2]}
    tensors = [
        T("x", (1, 4, 2), **q),
        T("dims", (3,), "int64"),
        T("dims32", (3,), "int32"),
        *(T(name, np.shape(value), "int32", data=value) for name, value in numbers.items()),
        T("batch", (), "int32"),
        T("times", (), "int32"),
        T("shape", (3,), "int32"),
        T("four", (1,), "int32", data=[4]),
        T("last", (1,), "int32"),
        T("flatlast", (), "int32"),
        T("most", (3, 4, 2), **q),
        T("halved", (3, 4, 1), **q),
        *(T(n, (3,), "int32", data=v) for n, v in (("b", [0, 0, 0]), ("e", [9, 9, 9]), ("s", [1, 1, 2]))),
    ]
    ops = [
        Op("SHAPE", ["x"], ["dims"], {"out_type": INT64}),
        Op("CAST", ["dims"], ["dims32"]),
        Op("STRIDED_SLICE", ["dims32", "zero", "end", "one"], ["batch"], {"shrink_axis_mask": 1}),
        Op("MUL", ["batch", "three"], ["times"]),
        Op("GATHER", ["dims32", "two"], ["last"], {"axis": 0}),
        Op("RESHAPE", ["last"], ["flatlast"]),
        Op("PACK", ["times", "four0", "flatlast"], ["shape"], {"values_count": 3, "axis": 0}),
        Op("BROADCAST_TO", ["x", "shape"], ["most"], version=2),
        Op("STRIDED_SLICE", ["most", "b", "e", "s"], ["halved"]),
    ]
    tensors.append(T("four0", (), "int32", data=4))
    return build(tensors, ops, ["x"], ["halved"])


def test_a_free_batch_is_folded_away(tmp_path: Path) -> None:
    program = compiled(free_batch())
    assert nodes(program) == ["BROADCAST_TO", "STRIDED_SLICE"]
    assert changes(program, "fold-constants") == 7
    assert_exact(free_batch(), tmp_path / "on")
    with pytest.raises(InputError, match="no operator SHAPE"):
        compiled(free_batch(), "fold-constants")


def folded(
    op: str, inputs: list[Any], output: Any, dtype: str = "int32", **options: Any
) -> list[list] | None:
    """Returns what a node of constants computes, where its outputs are stated as `output` has them."""
    outputs = output if isinstance(output, tuple) else (output,)
    tensors = [T(f"c{i}", np.shape(v), dtype, data=v) for i, v in enumerate(inputs)]
    tensors += [T(f"y{i}", np.shape(v), dtype) for i, v in enumerate(outputs)]
    names = [f"c{i}" for i in range(len(inputs))], [f"y{i}" for i in range(len(outputs))]
    graph = read(build(tensors, [Op(op, *names, options)], [], []), "m").main
    values = evaluate(graph.view(graph.nodes[0]), operators().by_name)
    return None if values is None else [value.tolist() for value in values]


@pytest.mark.parametrize(
    ("op", "inputs", "output", "options"),
    [
        ("ADD", [[1, 2], [[3], [4]]], [[4, 5], [5, 6]], {}),
        ("SUB", [[1, 2], 3], [-2, -1], {}),
        ("MUL", [[70000], [30000]], [2100000000], {}),
        ("FLOOR_DIV", [[-7, 7], [2, -2]], [-4, -4], {}),
        ("FLOOR_MOD", [[-7, 7], [2, -2]], [1, -1], {}),
        ("MAXIMUM", [[1, 5], [3, 3]], [3, 5], {}),
        ("MINIMUM", [[1, 5], [3, 3]], [1, 3], {}),
        ("CONCATENATION", [[1], [2, 3]], [1, 2, 3], {"axis": 0}),
        ("PACK", [[1, 2], [3, 4]], [[1, 3], [2, 4]], {"axis": 1}),
        ("UNPACK", [[[1, 2], [3, 4]]], ([1, 3], [2, 4]), {"axis": -1}),
        ("GATHER", [[5, 6, 7], [[2, 0]]], [[7, 5]], {"axis": 0}),
        ("SLICE", [[5, 6, 7], [1], [-1]], [6, 7], {}),
        ("TRANSPOSE", [[[1, 2], [3, 4]], [1, 0]], [[1, 3], [2, 4]], {}),
        ("TILE", [[1, 2], [2]], [1, 2, 1, 2], {}),
        ("BROADCAST_TO", [[[1], [2]], [2, 2]], [[1, 1], [2, 2]], {}),
        ("STRIDED_SLICE", [[1, 2, 3], [-1], [-9], [-1]], [3, 2, 1], {}),
        ("EXPAND_DIMS", [[1, 2], 0], [[1, 2]], {}),
        ("FILL", [[2, 1], 7], [[7], [7]], {}),
        ("RANGE", [5, 0, -2], [5, 3, 1], {}),
        ("CAST", [[3]], [3], {}),
    ],
)
def test_each_node_of_constants(op: str, inputs: list, output: Any, options: dict) -> None:
    assert folded(op, inputs, output, **options) == list(output if isinstance(output, tuple) else (output,))


@pytest.mark.parametrize(
    ("op", "inputs", "output", "options"),
    [
        ("ADD", [[2**31 - 1], [1]], [0], {}),  # leaves 32 bit
        ("ADD", [[1], [2]], [3, 3], {}),  # not the shape that it states
        ("ADD", [[1], [2]], [3], {"fused_activation_function": 1}),
        ("FLOOR_DIV", [[1], [0]], [0], {}),
        ("GATHER", [[5, 6], [2]], [0], {"axis": 0}),
        ("GATHER", [[5, 6], [0]], [5], {"axis": 1}),
        ("CONCATENATION", [[1], [[2]]], [1, 2], {"axis": 0}),
        ("CONCATENATION", [[1], [2]], [1, 2], {"axis": 3}),
        ("PACK", [[1], [2, 3]], [[1], [2]], {"axis": 0}),
        ("UNPACK", [[1, 2]], (1, 2), {"axis": 4}),
        ("RANGE", [0, 3, 0], [0], {}),
        ("FILL", [[3], 7], [7, 7], {}),
        ("SLICE", [[5, 6, 7], [1], [5]], [6, 7], {}),
        ("RESHAPE", [[1, 2]], [1], {}),
        ("ARG_MAX", [[1, 2], 0], 1, {}),
    ],
)
def test_what_is_faulty_or_inexact_is_left_alone(op: str, inputs: list, output: Any, options: dict) -> None:
    assert folded(op, inputs, output, **options) is None


def test_large_results_are_not_stored() -> None:
    assert folded("FILL", [[1 << 10, 1 << 9], 7], np.zeros((1 << 10, 1 << 9), int)) is None


def test_a_recurrent_layers_first_step_is_folded(tmp_path: Path) -> None:
    """From a state of zeros, a bias remains: converters split it in float32 and quantise the parts."""
    rng = np.random.default_rng(2)
    given = rng.integers(-128, 128, (1, 512))
    tensors = [
        T("x", (1, 256), scale=0.05, zero_point=-3),
        T("c", (1, 512), scale=0.0371, zero_point=17, data=given),
        T("axis", (), "int32", data=-1),
        *(T(name, (1, n), "float32") for name, n in (("real", 512), ("left", 256), ("right", 256))),
        T("a", (1, 256), scale=0.0417, zero_point=-20),
        T("b", (1, 256), scale=0.0113, zero_point=5),  # saturates
        *(T(name, (1, 256), scale=0.06, zero_point=1) for name in "yz"),
    ]
    ops = [
        Op("DEQUANTIZE", ["c"], ["real"], version=2),
        Op("SPLIT", ["axis", "real"], ["left", "right"], {"num_splits": 2}),
        Op("QUANTIZE", ["left"], ["a"]),
        Op("QUANTIZE", ["right"], ["b"]),
        Op("ADD", ["x", "a"], ["y"], version=2),
        Op("ADD", ["b", "x"], ["z"], version=2),
    ]
    model = build(tensors, ops, ["x"], ["y", "z"])
    program = compiled(model)
    assert nodes(program) == ["ADD", "ADD"] and changes(program, "fold-constants") == 4
    for numerics in ("litert", "tflm"):
        assert_exact(model, tmp_path / numerics, numerics=numerics)

"""A DEQUANTIZE goes behind what moves its elements, and becomes a table with the QUANTIZE that it meets."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build


def model(outputs: tuple[str, ...] = ("y", "z")) -> bytes:
    """A SPLIT in float32, one part transposed and quantised, the other quantised at another scale."""
    tensors = [
        T("x", (1, 4, 128), scale=0.05, zero_point=-7),
        T("axis", (), "int32", data=2),
        T("order", (3,), "int32", data=[0, 2, 1]),
        *(T(name, (1, 4, n), "float32") for name, n in (("a", 128), ("b", 64), ("c", 64))),
        T("d", (1, 64, 4), "float32"),
        T("y", (1, 64, 4), scale=0.021, zero_point=30),
        T("z", (1, 4, 64), scale=0.07, zero_point=-128),
    ]
    ops = [
        Op("DEQUANTIZE", ["x"], ["a"], version=2),
        Op("SPLIT", ["axis", "a"], ["b", "c"], {"num_splits": 2}),
        Op("TRANSPOSE", ["b", "order"], ["d"]),
        Op("QUANTIZE", ["d"], ["y"]),
        Op("QUANTIZE", ["c"], ["z"]),
    ]
    return build(tensors, ops, ["x"], list(outputs))


@pytest.mark.parametrize("outputs", [("y", "z"), ("y", "z", "c"), ("d", "z")])
def test_int8_moves_instead_of_float32(outputs: tuple[str, ...], tmp_path: Path) -> None:
    given = model(outputs)
    program = compiled(given)
    assert changes(program, "move-integers") == 2
    if outputs == ("y", "z"):
        assert nodes(program) == ["SPLIT", "TRANSPOSE", "TABLE", "TABLE"]
        off = compiled(given, "move-integers")
        assert "DEQUANTIZE" in nodes(off) and program.plan.arena_bytes * 2 < off.plan.arena_bytes
    assert len({node.index for node in program.graph.nodes}) == len(program.graph.nodes)
    for numerics in ("litert", "tflm"):
        assert_exact(given, tmp_path / numerics, numerics=numerics)


def test_float32_from_elsewhere_stays_as_it_is() -> None:
    tensors = [T("x", (1, 4, 2), "float32"), T("a", (1, 2, 4), "float32"), T("y", (1, 2, 4), scale=0.1)]
    tensors.append(T("order", (3,), "int32", data=[0, 2, 1]))
    ops = [Op("TRANSPOSE", ["x", "order"], ["a"]), Op("QUANTIZE", ["a"], ["y"])]
    program = compiled(build(tensors, ops, ["x"], ["y"]))
    assert changes(program, "move-integers") == 0 and nodes(program) == ["TRANSPOSE", "QUANTIZE"]

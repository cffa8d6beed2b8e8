"""Nodes that change nothing go; those that move an element, or name an output, stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

Q = {"scale": 0.5, "zero_point": 3}


def model(order: tuple[int, ...] = (0, 1, 2)) -> bytes:
    """A chain of a RESHAPE, a TRANSPOSE, a SLICE, a sum of its two ends, and a last RESHAPE."""
    tensors = [T(name, (1, 3, 3), **Q) for name in "xabcy"]
    tensors.append(T("z", (1, 3, 3), scale=1.0))
    for name, value in (("shape", [1, 3, 3]), ("order", order), ("begin", [0, 0, 0]), ("size", [1, -1, 3])):
        tensors.append(T(name, (3,), "int32", data=value))
    ops = [
        Op("RESHAPE", ["x", "shape"], ["a"], {"new_shape": [1, 3, 3]}),
        Op("TRANSPOSE", ["a", "order"], ["b"]),
        Op("SLICE", ["b", "begin", "size"], ["c"]),
        Op("ADD", ["x", "c"], ["z"]),
        Op("RESHAPE", ["z", "shape"], ["y"], {"new_shape": [1, 3, 3]}),
    ]
    tensors[4] = T("y", (1, 3, 3), scale=1.0)
    return build(tensors, ops, ["x"], ["y"])


@pytest.mark.parametrize(("order", "left"), [((0, 1, 2), []), ((0, 2, 1), ["TRANSPOSE"])])
def test_what_changes_nothing_is_dropped(order: tuple[int, ...], left: list[str], tmp_path: Path) -> None:
    program = compiled(model(order))
    assert nodes(program) == [*left, "ADD", "RESHAPE"]
    assert changes(program, "drop-still") == 3 - len(left)
    off = compiled(model(order), "drop-still", "merge-moves")
    assert nodes(off) == ["RESHAPE", "TRANSPOSE", "SLICE", "ADD", "RESHAPE"]
    assert_exact(model(order), tmp_path / "on")
    assert_exact(model(order), tmp_path / "off", "drop-still")


def test_another_quantisation_or_shape_is_a_change() -> None:
    tensors = [
        T("x", (2, 2), **Q),
        T("a", (2, 2), scale=0.5000001, zero_point=3),
        T("y", (4,), scale=0.5, zero_point=3),
        T("order", (2,), "int32", data=np.array([0, 1])),
    ]
    ops = [Op("TRANSPOSE", ["x", "order"], ["a"]), Op("RESHAPE", ["a"], ["y"], {"new_shape": [4]})]
    program = compiled(build(tensors, ops, ["x"], ["y"]), "merge-moves")
    assert nodes(program) == ["TRANSPOSE", "RESHAPE"]

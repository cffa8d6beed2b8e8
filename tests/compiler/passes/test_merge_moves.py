"""Chains of reshapes and of transpositions become one node each, or none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.compiler.passes.harness import assert_exact, changes, compiled, nodes
from tests.compiler.tflite_writer import Op, T, build

Q = {"scale": 0.5, "zero_point": 3}


def chain(*steps: tuple[int, ...] | list[int], shape: tuple[int, ...] = (1, 2, 3, 4)) -> bytes:
    """A chain of transpositions (tuples) and reshapes (lists) between two sums."""
    tensors, ops = [T("x", shape, **Q), T("t0", shape, **Q)], [Op("ADD", ["x", "x"], ["t0"])]
    for i, step in enumerate(steps):
        moved = isinstance(step, tuple)
        shape = tuple(shape[axis] for axis in step) if moved else tuple(step)
        tensors += [T(f"t{i + 1}", shape, **Q), T(f"p{i}", (len(step),), "int32", data=step)]
        if moved:
            ops.append(Op("TRANSPOSE", [f"t{i}", f"p{i}"], [f"t{i + 1}"]))
        else:
            ops.append(Op("RESHAPE", [f"t{i}", f"p{i}"], [f"t{i + 1}"], {"new_shape": step}))
    last = f"t{len(steps)}"
    tensors.append(T("y", shape, scale=1.0))
    return build(tensors, [*ops, Op("ADD", [last, last], ["y"])], ["x"], ["y"])


OFF = ("fuse-tables",)  # it would make one table of both sums


def test_transpositions_are_composed(tmp_path: Path) -> None:
    given = chain((0, 2, 3, 1), (0, 1, 3, 2), (-1, 0, 1, -2))
    program = compiled(given, *OFF)
    assert nodes(program) == ["ADD", "TRANSPOSE", "ADD"] and changes(program, "merge-moves") == 2
    assert len(nodes(compiled(given, "merge-moves", *OFF))) == 5
    assert_exact(given, tmp_path / "on")


def test_what_ends_where_it_began_goes(tmp_path: Path) -> None:
    given = chain((0, 2, 3, 1), (0, 3, 1, 2))
    assert nodes(compiled(given, *OFF)) == ["ADD", "ADD"]
    assert_exact(given, tmp_path / "inverse")
    given = chain([6, 4], [2, 12], [1, 2, 3, 4])
    assert nodes(compiled(given, *OFF)) == ["ADD", "ADD"]


def test_moving_axes_of_extent_1_is_a_reshape(tmp_path: Path) -> None:
    given = chain((0, 3, 1, 2, 4), [1, 1, 12, 2], (0, 2, 1, 3), shape=(1, 3, 4, 1, 2))
    program = compiled(given, *OFF)
    assert nodes(program) == ["ADD", "RESHAPE", "ADD"]
    assert sum(step.call is not None for step in program.lowering.steps) == 2
    assert_exact(given, tmp_path / "on")


def test_a_transposition_that_others_read_stays() -> None:
    tensors = [T(name, (2, 3), **Q) for name in "xb"] + [T("a", (3, 2), **Q)]
    tensors.append(T("p", (2,), "int32", data=np.array([1, 0])))
    ops = [Op("TRANSPOSE", ["x", "p"], ["a"]), Op("TRANSPOSE", ["a", "p"], ["b"])]
    assert len(nodes(compiled(build(tensors, ops, ["x"], ["a", "b"])))) == 2


def test_a_part_that_is_the_whole_is_a_reshape(tmp_path: Path) -> None:
    tensors = [T(name, (1, 2, 3), **Q) for name in "xabc"] + [
        T("d", (1, 1, 2, 3), **Q),
        T("y", (1, 2, 3), **Q),
    ]
    tensors.append(T("axis", (), "int32", data=1))
    tensors.append(T("z", (1, 2, 3), scale=1.0))
    ops = [
        Op("SPLIT", ["axis", "x"], ["a"], {"num_splits": 1}),
        Op("CONCATENATION", ["a"], ["b"], {"axis": 2}),
        Op("PACK", ["b"], ["d"], {"values_count": 1, "axis": 1}),
        Op("UNPACK", ["d"], ["c"], {"num": 1, "axis": 1}),
        Op("ADD", ["c", "x"], ["z"]),
        Op("CONCATENATION", ["a"], ["y"], {"axis": 2}),
    ]
    model = build(tensors, ops, ["x"], ["y", "z"])
    program = compiled(model)
    assert [node.op for node in program.graph.nodes] == ["ADD", "RESHAPE"]
    assert_exact(model, tmp_path / "on")

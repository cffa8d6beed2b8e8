"""SPLIT, SPLIT_V, UNPACK, PACK and CONCATENATION cut and join as both oracles do, any number of tensors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.compiler.ops.harness import Case, assert_exact, problems
from tests.compiler.ops.movers import moved
from tests.compiler.passes.harness import assert_exact as assert_exported_exact
from tests.compiler.tflite_writer import Op, T, build


def split(shape: tuple[int, ...], axis: int, count: int, **given: Any) -> Case:
    part = list(shape)
    part[axis] //= count
    return moved("SPLIT", shape, [tuple(part)] * count, [], {"num_splits": count}, first=[axis], **given)


def split_v(shape: tuple[int, ...], axis: int, sizes: list[int], **given: Any) -> Case:
    rest = shape[axis] - sum(size for size in sizes if size != -1)
    made = []
    for size in sizes:
        part = list(shape)
        part[axis] = rest if size == -1 else size
        made.append(tuple(part))
    return moved("SPLIT_V", shape, made, [sizes, axis], {"num_splits": len(sizes)}, version=2, **given)


def unpack(shape: tuple[int, ...], axis: int, **given: Any) -> Case:
    part = list(shape)
    count = part.pop(axis)
    return moved("UNPACK", shape, [tuple(part)] * count, [], {"num": count, "axis": axis}, **given)


def pack(shape: tuple[int, ...], axis: int, count: int, **given: Any) -> Case:
    made = list(shape)
    made.insert(axis % (len(shape) + 1), count)
    options = {"values_count": count, "axis": axis}
    return moved("PACK", [shape] * count, tuple(made), [], options, **given)


def test_they_equal_the_oracles(tmp_path) -> None:
    assert_exact(
        [
            *(split((2, 4, 6), axis, 2) for axis in (0, 1, 2, -1)),
            split((1, 5), 1, 5),
            split((2, 4), 1, 2, dtype="float32"),
            split((2, 4), 1, 2, dtype="int32"),
            split_v((2, 6, 3), 1, [1, 3, 2]),
            split_v((2, 6, 3), -2, [4, -1]),
            split_v((7,), 0, [2, 5], dtype="int16"),
            *(unpack((3, 4, 5), axis) for axis in (0, 1, -1)),
            unpack((2, 28), 1),
            unpack((2, 3), 0, dtype="float32"),
            unpack((2, 3), 1, dtype="int32"),
            *(pack((3, 4), axis, 3) for axis in (0, 1, 2, -1)),
            pack((2,), 0, 28),
            pack((2, 3), 1, 2, dtype="float32"),
            pack((2, 3), -2, 2, dtype="int32"),
            *(
                moved("CONCATENATION", [(2, 3), (2, 2)], (2, 5), [], {"axis": 1}, dtype=dtype, version=3)
                for dtype in ("int16", "int32", "float32")
            ),
            moved("CONCATENATION", [(2, 1)] * 20, (2, 20), [], {"axis": 1}, profiles=("litert",)),
        ],
        tmp_path,
    )


def test_exported_in_one_model(tmp_path) -> None:
    """UNPACK into what a SPLIT, a PACK and a CONCATENATION read: pointers in arrays, tensors of the arena."""
    q = {"scale": 0.1, "zero_point": 3}
    tensors = [T("x", (1, 2, 4), **q), T("axis", (), "int32", data=1)]
    tensors += [T(name, (1, 4), **q) for name in "ab"] + [T(name, (1, 2), **q) for name in "cd"]
    tensors += [T("e", (1, 8), **q), T("y", (2, 1, 2), **q)]
    ops = [
        Op("UNPACK", ["x"], ["a", "b"], {"num": 2, "axis": 1}),
        Op("SPLIT", ["axis", "b"], ["c", "d"], {"num_splits": 2}),
        Op("PACK", ["d", "c"], ["y"], {"values_count": 2, "axis": 0}),
        Op("CONCATENATION", ["d", "a", "c"], ["e"], {"axis": 1}),
    ]
    assert_exported_exact(build(tensors, ops, ["x"], ["y", "e"]), tmp_path / "model")


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (moved("SPLIT", (5,), [(2,), (2,)], [], {"num_splits": 2}, first=[0]), "does not divide its input"),
        (moved("SPLIT", (4,), [(2,), (2,)], [], {"num_splits": 3}, first=[0]), "does not divide its input"),
        (moved("SPLIT", (4,), [(2,), (2,)], [], {"num_splits": 2}, first=[1]), "axis that is out of range"),
        (moved("SPLIT", (4,), [(2,), (3,)], [], {"num_splits": 2}, first=[0]), "shape does not follow"),
        (moved("SPLIT", (4,), [(2,)] * 2, [], {"num_splits": 2}, first=[0], scale=0.2), "differ in quant"),
        (split_v((4,), 0, [1, 2]), "do not make up its input"),
        (moved("SPLIT_V", (4,), [(1,)] * 2, [[-1, -1], 0], {"num_splits": 2}), "sizes are not usable"),
        (moved("SPLIT_V", (4,), [(1,)] * 2, [[5, -1], 0], {"num_splits": 2}), "sizes are not usable"),
        (moved("UNPACK", (3,), [()] * 2, [], {"num": 2, "axis": 0}), "do not make up its input"),
        (moved("UNPACK", (2,), [()] * 2, [], {"num": 3, "axis": 0}), "num is out of range"),
        (moved("UNPACK", (), [()], [], {"num": 1, "axis": 0}), "axis that is out of range"),
        (
            moved("PACK", [(2,), (3,)], (2, 2), [], {"values_count": 2, "axis": 0}),
            "shapes of its inputs differ",
        ),
        (moved("PACK", [(2,), (2,)], (4,), [], {"values_count": 2, "axis": 0}), "shape does not follow"),
        (moved("PACK", [(2,), (2,)], (2, 2), [], {"values_count": 3, "axis": 0}), "values_count is out of"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: Case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model)), problems(case.model)

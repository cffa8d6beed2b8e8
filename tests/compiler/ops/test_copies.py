"""RESHAPE and its kin, PAD, PADV2 and CONCATENATION move bytes as both oracles do."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T

Q = {"scale": 0.1, "zero_point": -9}


def shaped(op: str, shape: tuple[int, ...], output: tuple[int, ...], second: list[int] | None) -> Case:
    tensors = [T("x", shape, **Q), T("y", output, **Q)]
    names = ["x"]
    if second is not None:
        tensors.append(T("s", (len(second),), "int32", data=second))
        names.append("s")
    options = {"new_shape": list(output)} if op == "RESHAPE" else {}
    return case(f"{op} {shape}", tensors, Op(op, names, ["y"], options), np.random.default_rng(1))


def pad(
    shape: tuple[int, ...],
    paddings: list[tuple[int, int]],
    value: int | None = None,
    output: tuple[int, ...] | None = None,
    rank: int | None = None,
) -> Case:
    made = output or tuple(n + a + b for n, (a, b) in zip(shape, paddings, strict=True))
    tensors = [
        T("x", shape, **Q),
        T("p", (rank or len(shape), 2), "int32", data=np.reshape(paddings, (-1, 2))),
        T("y", made, **Q),
    ]
    names = ["x", "p"]
    if value is not None:
        tensors.append(T("v", (1,), data=[value], **Q))
        names.append("v")
    op = "PAD" if value is None else "PADV2"
    return case(
        f"{op} {shape} {paddings}", tensors, Op(op, names, ["y"], version=2), np.random.default_rng(2)
    )


def joined(shapes: list[tuple[int, ...]], axis: int, scale: float = 0.1, activation: int = 0) -> Case:
    extents = list(shapes[0])
    extents[axis] = sum(shape[axis] for shape in shapes)
    names = [f"x{i}" for i in range(len(shapes))]
    tensors = [T(name, shape, **Q) for name, shape in zip(names, shapes, strict=True)]
    tensors.append(T("y", extents, scale=scale, zero_point=-9))
    options = {"axis": axis, "fused_activation_function": activation}
    op = Op("CONCATENATION", names, ["y"], options, version=2)
    return case(f"CONCATENATION {shapes} {axis}", tensors, op, np.random.default_rng(3))


def test_they_equal_the_oracles(tmp_path) -> None:
    shape = (2, 3, 4, 5)
    assert_exact(
        [
            shaped("RESHAPE", (1, 2, 3, 4), (1, 24), [1, 24]),
            shaped("RESHAPE", (1, 2, 3, 4), (4, 6), [-1, 6]),
            shaped("SQUEEZE", (1, 3, 1, 4), (3, 4), None),
            shaped("EXPAND_DIMS", (3, 4), (3, 1, 4), [1]),
            pad(shape, [(0, 0), (1, 2), (3, 0), (0, 0)]),
            pad(shape, [(1, 0), (0, 1), (2, 2), (1, 3)]),
            pad(shape, [(0, 0), (0, 0), (0, 0), (0, 0)]),
            pad((3, 4), [(0, 0), (2, 1)]),
            pad((7,), [(2, 1)]),
            pad(shape, [(0, 0), (1, 1), (1, 1), (0, 0)], value=77),
            joined([(1, 2, 3), (1, 2, 5)], 2),
            joined([(1, 2, 3), (1, 4, 3), (1, 1, 3)], 1),
            joined([(2, 2, 2)] * 8, -1),
            joined([(2, 3), (1, 3)], 0),
        ],
        tmp_path,
    )


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (shaped("RESHAPE", (1, 6), (1, 7), [1, 7]), "does not hold the elements"),
        (pad((2, 3), [(0, 0), (-1, 1)], output=(2, 3)), "paddings 'p' are not usable"),
        (pad((2, 3), [(0, 0), (1, 1)], output=(2, 6)), "does not follow from its paddings"),
        (pad((2, 3), [(0, 0), (1, 1), (0, 0)], output=(2, 5), rank=3), "paddings 'p' are not usable"),
        (pad((2,) * 5, [(1, 0)] * 5), "too many separate axes"),
        (joined([(1, 2), (2, 2)], 1), "do not match"),
        (joined([(1, 2), (1, 2)], 1, scale=0.2), "differ in quantisation"),
        (joined([(1, 2), (1, 2)], 1, activation=1), "fused_activation_function is out of range"),
        (joined([(1, 1)] * 257, 1), "wrong number of inputs"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: Case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model))

"""GATHER equals both oracles, by constant and by computed indices; those out of range stay inside."""

from __future__ import annotations

import numpy as np
import pytest

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, problems, run_kernels
from tests.compiler.ops.movers import drawn
from tests.compiler.tflite_writer import Op, T, build

Q = {"scale": 0.1, "zero_point": 3}


def gather(
    shape: tuple[int, ...],
    indices: tuple[int, ...] | np.ndarray,
    axis: int = 0,
    batch_dims: int = 0,
    *,
    dtype: str = "int8",
    fixed: bool = False,
    outside: bool = False,
    scale: float = 0.1,
    output: tuple[int, ...] | None = None,
    profiles: tuple[str, ...] = PROFILES,
) -> Case:
    """Returns a case; a tuple for `indices` is the shape of computed ones, `fixed` data are constant."""
    source = np.random.default_rng(len(shape))
    given = None if isinstance(indices, tuple) else np.asarray(indices, np.int32)
    picked = indices if isinstance(indices, tuple) else given.shape
    along = axis % len(shape)
    made = (*shape[:along], *picked[batch_dims:], *shape[along + 1 :]) if output is None else output
    kind = {} if dtype == "float32" else Q
    elements = drawn(source, shape, dtype)
    tensors = [
        T("x", shape, dtype, data=elements[0] if fixed else None, **kind),
        T("i", picked, "int32", data=given),
        T("y", made, dtype, **(kind and {**kind, "scale": scale})),
    ]
    free = [name for name, there in (("x", not fixed), ("i", given is None)) if there]
    op = Op("GATHER", ["x", "i"], ["y"], {"axis": axis, "batch_dims": batch_dims}, version=2)
    low, high = (-5, shape[along] + 5) if outside else (0, shape[along])
    vectors = {"x": elements, "i": source.integers(low, high, (2, *picked)).astype(np.int32)}
    name = f"GATHER {dtype} {shape} by {indices} axis {axis} batches {batch_dims}"
    return Case(name, build(tensors, [op], free, ["y"]), [vectors[name] for name in free], profiles)


def test_it_equals_the_oracles(tmp_path) -> None:
    alone = ("litert",)
    assert_exact(
        [
            gather((5, 3), np.array([4, 0, 0, 2])),
            gather((5, 3), np.array([[1, 4], [2, 0]])),
            gather((2, 4, 3), np.array([3, 1]), 1),
            gather((2, 4, 3), np.array([2, 0]), -1),
            gather((2, 4, 3), np.array(1), 1),
            gather((2, 3, 4), np.array([[0, 2], [3, 3]]), 2, 1),
            gather((5, 3), np.array([4, 0]), dtype="float32"),
            gather((5, 3), np.array([4, 0]), dtype="int16", profiles=alone),
            gather((5, 3), (4,)),
            gather((2, 6, 3), (2, 2), 1),
            gather((2, 6, 3), (2, 4), 1, 1),
            gather((2, 2, 6), (2, 3), 2, 1),
            gather((5, 3), (4,), dtype="float32"),
            gather((40, 6), (1, 7), fixed=True),
        ],
        tmp_path,
    )


def test_computed_indices_out_of_range_stay_inside(tmp_path) -> None:
    wild = gather((5, 3), (8,), outside=True)
    (made,) = run_kernels([(wild, "litert")], tmp_path)
    elements, indices = wild.vectors
    assert indices.min() < 0 and indices.max() > 4
    expected = [rows[np.clip(picked, 0, 4)] for rows, picked in zip(elements, indices, strict=True)]
    np.testing.assert_array_equal(made[""][0], expected)


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (gather((5, 3), np.array([5])), "out of range"),
        (gather((5, 3), np.array([-1])), "out of range"),
        (gather((5, 3), np.array([1]), 2, output=(5, 1)), "axis that is out of range"),
        (gather((5, 3), np.array([1]), 0, 1, output=(1, 3)), "batches do not match"),
        (gather((5, 3), np.array([1]), output=(2, 3)), "shape does not follow"),
        (gather((5, 3), np.array([1]), scale=0.2), "differ in quantisation"),
        (gather((5, 3), np.array([1]), fixed=True), "input 'x' is constant"),
    ],
)
def test_what_cannot_be_compiled_is_refused(case: Case, message: str) -> None:
    assert any(message in problem for problem in problems(case.model)), problems(case.model)

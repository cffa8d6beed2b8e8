"""int32 without scales, bool, and what stands between them and quantised values, equal both oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems, run_kernels
from tests.compiler.tflite_writer import Op, T

LITERT, TFLM = ("litert",), ("tflm",)
ARITHMETIC = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM")
COMPARISONS = ("EQUAL", "NOT_EQUAL", "GREATER", "GREATER_EQUAL", "LESS", "LESS_EQUAL")
SHAPES = [((1, 3, 4), (1, 3, 4)), ((2, 3, 4), (1, 1, 4)), ((1, 3, 4), (1,)), ((2, 1, 4), (2, 3, 1))]


def pair(
    rng: np.random.Generator,
    op: str,
    shapes: tuple[tuple[int, ...], tuple[int, ...]] = SHAPES[0],
    constant: int | None = None,
    kind: str = "int32",
    **output: Any,
) -> Case:
    made = kind if op in ARITHMETIC else "bool"
    tensors = [
        T("a", shapes[0], kind),
        T("b", shapes[1], kind),
        T("y", np.broadcast_shapes(*shapes), **{"dtype": made, **output}),
    ]
    if constant is not None:
        tensors[constant].data = rng.integers(0, 2 if kind == "bool" else 9, tensors[constant].shape)
    made_case = case(f"{op} {shapes} {constant}", tensors, Op(op, ["a", "b"], ["y"]), rng)
    if kind == "int32":  # small, so that no product overflows and some values are equal
        made_case.vectors = [v % 9 - 4 for v in made_case.vectors]
    return made_case


def test_integers_and_logic_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op in (*ARITHMETIC, *COMPARISONS):
        cases += [pair(rng, op, shapes) for shapes in SHAPES]
        cases += [pair(rng, op, SHAPES[1 + constant], constant) for constant in (0, 1)]
    cases += [pair(rng, "LOGICAL_OR", shapes, kind="bool") for shapes in SHAPES]
    cases += [pair(rng, "LOGICAL_OR", SHAPES[1], constant, kind="bool") for constant in (0, 1)]
    assert_exact(cases, tmp_path)


def test_sums_and_products_wrap(tmp_path) -> None:
    rng = np.random.default_rng(2)
    values = [
        np.array([[[2**31 - 1, -(2**31), 1 << 20, -7]]], np.int32),
        np.array([[[1, -1, 1 << 20, 3]]], np.int32),
    ]
    cases = []
    for op in ("ADD", "SUB", "MUL"):
        made = pair(rng, op, ((1, 4), (1, 4)))
        made.vectors = values
        cases.append((made, "litert"))
    found = [row[""][0].reshape(-1).tolist() for row in run_kernels(cases, tmp_path)]
    assert found == [
        [-(2**31), 2**31 - 1, 1 << 21, -4],
        [2**31 - 2, -(2**31) + 1, 0, -10],
        [2**31 - 1, -(2**31), 0, -21],
    ]


def rescale(
    rng: np.random.Generator, source: str, made: str, ratio: float, profiles: tuple[str, ...] = PROFILES
) -> Case:
    scale = float(10.0 ** rng.uniform(-4, -1))
    point = {"int8": -7, "uint8": 130}
    tensors = [
        T("x", (1, 400), source, scale=scale, zero_point=point.get(source, 0)),
        T("y", (1, 400), made, scale=float(scale / ratio), zero_point=point.get(made, 0)),
    ]
    return case(
        f"{source} {made} {ratio}", tensors, Op("QUANTIZE", ["x"], ["y"], version=2), rng, profiles=profiles
    )


def test_rescaled_integers_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(3)
    cases = []
    for ratio in (1e-6, 3e-5, 0.01, 0.49):
        cases += [rescale(rng, "int32", made, ratio) for made in ("int8", "int16")]
    for ratio in (1e-5, 0.02, 1.0, 13.0, 1000.0):
        cases.append(rescale(rng, "int16", "int32", ratio))
        cases.append(rescale(rng, "int8", "int32", ratio, TFLM))
        cases.append(rescale(rng, "uint8", "int16", ratio, LITERT))
    assert_exact(cases, tmp_path)


def cut(rng: np.random.Generator, made: str) -> Case:
    tensors = [T("x", (1, 300), "float32"), T("y", (1, 300), made)]
    codes = {"bool": 6, "uint8": 3, "int8": 9, "int16": 7, "int32": 2, "float32": 0}
    options = {"in_data_type": 0, "out_data_type": codes[made]}
    found = case(f"cut {made}", tensors, Op("CAST", ["x"], ["y"], options), rng)
    if made == "uint8":
        found.vectors = [np.abs(v) for v in found.vectors]
        found.profiles = LITERT
    return found


def test_floats_are_cut_off_as_by_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(4)
    assert_exact(
        [cut(rng, made) for made in ("bool", "uint8", "int8", "int16", "int32", "float32")], tmp_path
    )


def test_hostile_floats_saturate(tmp_path) -> None:
    cases = []
    for kind in ("int8", "int32"):
        made = cut(np.random.default_rng(5), kind)
        values = np.zeros((1, 1, 300), np.float32)
        values.flat[:6] = [np.nan, np.inf, -np.inf, 3e9, -3e9, -0.99]
        made.vectors = [values]
        cases.append((made, "litert"))
    for row, (low, high) in zip(
        run_kernels(cases, tmp_path), ((-128, 127), (-(2**31), 2**31 - 1)), strict=True
    ):
        assert row[""][0].reshape(-1)[:6].tolist() == [0, high, low, high, low, 0]


def joined(rng: np.random.Generator, op: str, constants: tuple[int, ...], kind: str = "int8") -> Case:
    q = {"scale": 0.1} if kind == "int8" else {}
    shapes = [(2, 3, 4)] * 4 if op == "PACK" else [(2, n, 4) for n in (1, 3, 2, 5)]
    tensors = [T(f"x{i}", shape, kind, **q) for i, shape in enumerate(shapes)]
    for i in constants:
        tensors[i].data = rng.integers(-100, 100, shapes[i])
    made = (2, 4, 3, 4) if op == "PACK" else (2, 11, 4)
    options = {"axis": 1, "values_count": 4} if op == "PACK" else {"axis": 1}
    given = Op(op, [tensor.name for tensor in tensors], ["y"], options)
    return case(f"{op} {constants} {kind}", [*tensors, T("y", made, kind, **q)], given, rng)


def test_constants_among_what_is_joined_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(6)
    cases = [
        joined(rng, op, constants, kind)
        for op in ("PACK", "CONCATENATION")
        for constants in ((0,), (3,), (1, 2), (0, 1, 3))
        for kind in ("int8", "int32")
    ]
    assert_exact(cases, tmp_path)


def test_softmax_to_int16_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(7)
    cases = []
    for scale in 10.0 ** rng.uniform(-4, 0.5, 8):
        shape = (7, int(rng.integers(1, 30)))
        tensors = [
            T("x", shape, scale=float(scale), zero_point=-3),
            T("y", shape, "int16", scale=2.0**-16, zero_point=-32768),
        ]
        op = Op("SOFTMAX", ["x"], ["y"], {"beta": 1.0}, version=2)
        cases.append(case(f"softmax {shape} {scale}", tensors, op, rng))
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda rng: pair(rng, "ADD", dtype="int16"), "element type"),
        (lambda rng: pair(rng, "LESS", dtype="int32"), "element type"),
        (lambda rng: pair(rng, "LOGICAL_OR"), "element type"),
        (lambda rng: rescale(rng, "int32", "int16", 3.0), "scaled up"),
        (lambda rng: joined(rng, "PACK", (0, 1, 2, 3)), "all of its inputs are constant"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_refused(made: Any, message: str) -> None:
    found = problems(made(np.random.default_rng(8)).model)
    assert any(message in problem for problem in found), found

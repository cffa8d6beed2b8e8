"""16x8: operators without weights equal the oracles on int16."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems
from tests.compiler.tflite_writer import Op, T, build

LITERT, TFLM = ("litert",), ("tflm",)
SHAPES = [
    ((1, 3, 4, 5), (1, 3, 4, 5)),
    ((1, 3, 4, 5), (1, 1, 5)),
    ((2, 3, 4, 5), (1, 3, 1, 5)),
    ((1, 5), (4, 3, 1)),
]


def pair(
    rng: np.random.Generator,
    op: str,
    shapes: tuple[tuple[int, ...], tuple[int, ...]] = SHAPES[0],
    scales: tuple[float, float, float] = (3e-4, 5e-4, 6e-4),
    constant: int | None = None,
    activation: int = 0,
    pot: bool = False,
    **output: Any,
) -> Case:
    tensors = [
        T("a", shapes[0], "int16", scale=scales[0]),
        T("b", shapes[1], "int16", scale=scales[1]),
        T("y", np.broadcast_shapes(*shapes), **{"dtype": "int16", "scale": scales[2], **output}),
    ]
    if constant is not None:
        tensors[constant].data = rng.integers(-32768, 32768, tensors[constant].shape)
    options: dict[str, Any] = {"fused_activation_function": activation}
    if op in ("ADD", "SUB"):
        options["pot_scale_int16"] = pot
    if op in ("MINIMUM", "MAXIMUM"):
        options = {}
    name = f"{op} {shapes} {scales} constant {constant} activation {activation} pot {pot}"
    return case(name, tensors, Op(op, ["a", "b"], ["y"], options, version=2), rng)


def test_sums_products_and_extrema_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    cases = []
    for op in ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM"):
        scales = {"MUL": (3e-4, 5e-4, 3e-3), "ADD": (3e-4, 5e-4, 6e-4), "SUB": (3e-4, 5e-4, 6e-4)}
        given = scales.get(op, (3e-4,) * 3)
        for shapes in SHAPES:
            cases.append(pair(rng, op, shapes, given))
        for constant in (0, 1):
            activation = int(rng.integers(1, 4)) if op in scales else 0
            cases.append(pair(rng, op, SHAPES[1 + constant], given, constant, activation))
    assert_exact(cases, tmp_path)


def test_any_scales_of_sums_and_products_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    shapes = ((8, 64), (8, 64))
    cases = []
    for ratio in 10.0 ** np.linspace(-6, 3, 12):
        first, second = (float(s) for s in 10.0 ** rng.uniform(-6, -2, 2))
        cases += [
            pair(rng, "ADD", shapes, (first, second, float(max(first, second) / ratio))),
            pair(rng, "SUB", shapes, (first, second, float(max(first, second) / ratio))),
            pair(rng, "MUL", shapes, (first, second, float(first * second / min(ratio, 0.9)))),
        ]
    powers = (2.0**-12, 2.0**-13, 2.0**-12)
    cases += [pair(rng, op, scales=powers) for op in ("ADD", "SUB", "MUL")]
    assert_exact(cases, tmp_path)


def unary(
    op: str,
    scale: float,
    made: float,
    options: dict[str, Any] | None = None,
    profiles: tuple[str, ...] = PROFILES,
) -> Case:
    """Returns a case over every int16 value."""
    shape = (1, 64, 1024)
    tensors = [T("x", shape, "int16", scale=scale), T("y", shape, "int16", scale=made)]
    model = build(tensors, [Op(op, ["x"], ["y"], options or {}, version=2)], ["x"], ["y"])
    every = np.arange(-32768, 32768).astype(np.int16).reshape(1, *shape)
    return Case(f"{op} {scale} -> {made} {options}", model, [every], profiles)


def test_every_value_of_functions_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(3)
    cases = []
    for op in ("LOGISTIC", "TANH"):
        for scale in [2.0**-12, 2.0**-11, 2.0**-13, 2.0**-9, *(10.0 ** rng.uniform(-7, -2, 6))]:
            cases.append(unary(op, float(scale), 2.0**-15))
    for ratio in [1.0, *(10.0 ** np.linspace(-6, 3, 6))]:
        scale = float(10.0 ** rng.uniform(-5, -2))
        made = float(scale / ratio)
        cases += [
            unary("RELU", scale, made),
            unary("RELU6", scale, made, profiles=PROFILES if ratio == 1.0 else LITERT),
            unary("LEAKY_RELU", scale, made, {"alpha": float(rng.uniform(0, 1))}),
            unary("ABS", scale, made),
        ]
    for op in ("EXP", "LOG"):
        for scale in (2.0**-12, 1e-4, 3e-4):
            cases.append(unary(op, scale, float(rng.uniform(1e-4, 1e-2)), profiles=LITERT))
    assert_exact(cases, tmp_path)


def softmax(rng: np.random.Generator, shape: tuple[int, ...], scale: float, beta: float = 1.0) -> Case:
    tensors = [T("x", shape, "int16", scale=scale), T("y", shape, "int16", scale=2.0**-15)]
    return case(
        f"softmax {shape} {scale}", tensors, Op("SOFTMAX", ["x"], ["y"], {"beta": beta}, version=3), rng
    )


def test_softmax_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(4)
    scales = [float(s) for s in 10.0 ** rng.uniform(-9, 0, 10)]
    cases = [softmax(rng, (6, int(rng.integers(2, 40))), scale) for scale in scales]
    cases += [softmax(rng, (2, 3, 1), 1e-3), softmax(rng, (2, 1000), 1e-4), softmax(rng, (4, 10), 1e-3, 0.5)]
    assert_exact(cases, tmp_path)


def pool(rng: np.random.Generator, op: str, size: int, stride: int, same: bool, activation: int = 0) -> Case:
    made = [-(-(n if same else n - size + 1) // stride) for n in (6, 7)]
    tensors = [T("x", (1, 6, 7, 5), "int16", scale=3e-4), T("y", (1, *made, 5), "int16", scale=3e-4)]
    options = {
        "padding": 0 if same else 1,
        "stride_w": stride,
        "stride_h": stride,
        "filter_width": size,
        "filter_height": size,
        "fused_activation_function": activation,
    }
    return case(f"{op} {size} {stride} {same}", tensors, Op(op, ["x"], ["y"], options, version=3), rng)


def reduce(
    rng: np.random.Generator,
    op: str,
    axes: list[int],
    ratio: float = 1.0,
    profiles: tuple[str, ...] = PROFILES,
) -> Case:
    shape = (2, 5, 6, 7)
    kept = [1 if i in axes else n for i, n in enumerate(shape)]
    tensors = [
        T("x", shape, "int16", scale=3e-4),
        T("axes", (len(axes),), "int32", data=axes),
        T("y", kept, "int16", scale=float(3e-4 / ratio)),
    ]
    given = Op(op, ["x", "axes"], ["y"], {"keep_dims": True}, version=2)
    return case(f"{op} {axes} {ratio}", tensors, given, rng, profiles=profiles)


def test_pools_and_reductions_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(5)
    cases = []
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D"):
        cases += [pool(rng, op, 2, 2, True), pool(rng, op, 3, 2, False, 1), pool(rng, op, 6, 1, True, 3)]
    for axes in ([1, 2], [3], [0, 1, 2, 3], [1, 3]):
        for ratio in (1.0, 0.37, 11.0, 1e-6, 1e3):
            cases.append(reduce(rng, "MEAN", axes, ratio))
            if ratio < 100:
                cases.append(reduce(rng, "SUM", axes, ratio, TFLM))
        cases += [reduce(rng, op, axes, profiles=LITERT) for op in ("REDUCE_MAX", "REDUCE_MIN")]
    assert_exact(cases, tmp_path)


def product(
    rng: np.random.Generator, left: tuple[int, ...], right: tuple[int, ...], constant: int | None = None
) -> Case:
    made = (*np.broadcast_shapes(left[:-2], right[:-2]), left[-2], right[-1])
    tensors = [
        T("a", left, "int16", scale=3e-4),
        T("b", right, "int16", scale=5e-4),
        T("y", made, "int16", scale=3e-3),
    ]
    if constant is not None:
        tensors[constant].data = rng.integers(-32768, 32768, tensors[constant].shape)
    return case(f"product {left} {right} {constant}", tensors, Op("BATCH_MATMUL", ["a", "b"], ["y"]), rng)


def test_matrix_products_equal_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(6)
    cases = [
        product(rng, (1, 4, 6), (1, 6, 5)),
        product(rng, (2, 3, 4, 7), (2, 1, 7, 3)),
        product(rng, (1, 4, 6), (1, 6, 5), 1),
        product(rng, (1, 4, 6), (1, 6, 5), 0),
    ]
    assert_exact(cases, tmp_path)


def padding(
    rng: np.random.Generator, dtype: str, value: int | None = None, profiles: tuple[str, ...] = PROFILES
) -> Case:
    around = [[0, 0], [1, 2], [0, 3], [0, 0]] if value is None else [[0, 1], [0, 0], [2, 0], [1, 1]]
    shape = (2, 3, 4, 5)
    q = {} if dtype in ("int32", "int64", "float32", "bool") else {"scale": 0.1}
    tensors = [
        T("x", shape, dtype, **q),
        T("p", (4, 2), "int32", data=around),
        T("y", [n + sum(a) for n, a in zip(shape, around, strict=True)], dtype, **q),
    ]
    if value is not None:
        tensors.append(T("v", (), dtype, data=value, **q))
    op = Op(
        "PAD" if value is None else "PADV2",
        ["x", "p", *(["v"] if value is not None else [])],
        ["y"],
        version=2,
    )
    return case(f"{op.name} {dtype} {value}", tensors, op, rng, profiles=profiles)


def test_padding_of_every_type_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(7)
    cases = [padding(rng, dtype) for dtype in ("int16", "int32", "float32")]
    cases += [padding(rng, dtype, profiles=LITERT) for dtype in ("int64", "uint8")]
    cases += [padding(rng, "int16", value) for value in (5, -32768, 0)]
    cases += [padding(rng, "int32", value) for value in (0, -1)]
    assert_exact(cases, tmp_path)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (lambda rng: pair(rng, "ADD", scales=(1.0, 1.0, 1e-6)), "out of proportion"),
        (lambda rng: pair(rng, "MUL", scales=(1.0, 1.0, 1.0)), "out of proportion"),
        (lambda rng: pair(rng, "ADD", dtype="int8"), "element type"),
        (lambda rng: pair(rng, "MAXIMUM"), "differ in quantisation"),
        (lambda _: unary("LOGISTIC", 1e-3, 1e-3), "does not allow"),
        (lambda _: unary("TANH", 3.0, 2.0**-15), "out of range"),
        (lambda _: unary("RELU", 1.0, 1e-5), "out of proportion"),
        (lambda _: unary("HARD_SWISH", 1e-3, 1e-3), "element type"),
        (lambda rng: softmax(rng, (1, 4), 3.0), "beta"),
        (lambda rng: padding(rng, "int32", 7), "not one byte over and over"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_refused(made: Any, message: str) -> None:
    found = problems(made(np.random.default_rng(8)).model)
    assert any(message in problem for problem in found), found

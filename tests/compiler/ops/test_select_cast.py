"""SELECT_V2 and CAST equal the oracles."""

from __future__ import annotations

import numpy as np

from tests.compiler.ops.harness import PROFILES, Case, assert_exact, case, problems
from tests.compiler.tflite_writer import _TYPES, Op, T

Shape = tuple[int, ...]


def select(
    rng: np.random.Generator,
    shapes: tuple[Shape, Shape, Shape],
    kind: str = "int8",
    constants: tuple[int, ...] = (),
    scale: float = 0.1,
) -> Case:
    quantized = {"scale": 0.1, "zero_point": 0} if kind in ("int8", "int16") else {}
    tensors = [
        T("c", shapes[0], "bool"),
        T("a", shapes[1], kind, **quantized),
        T("b", shapes[2], kind, **quantized),
        T("y", np.broadcast_shapes(*shapes), kind, **({**quantized, "scale": scale} if quantized else {})),
    ]
    for constant in constants:
        tensors[constant].data = rng.integers(-100, 100, shapes[constant])
    profiles = ("litert",) if kind == "int32" else PROFILES
    op = Op("SELECT_V2", ["c", "a", "b"], ["y"])
    return case(f"SELECT_V2 {shapes} {kind} {constants}", tensors, op, rng, profiles=profiles)


def cast(rng: np.random.Generator, source: str, made: str, shape: Shape = (1, 40)) -> Case:
    tensors = [T("x", (1, 40), source), T("y", shape, made)]
    options = {"in_data_type": _TYPES[source], "out_data_type": _TYPES[made]}
    profiles = ("litert",) if "uint8" in (source, made) or made == "bool" else PROFILES
    return case(f"CAST {source} {made}", tensors, Op("CAST", ["x"], ["y"], options), rng, profiles=profiles)


def test_select_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(1)
    same = ((1, 3, 4, 5),) * 3
    mixed = ((1, 3, 1, 1), (1, 3, 4, 5), (1, 1, 1, 5))
    cases = [
        select(rng, shapes, kind, constants)
        for shapes in (same, mixed, ((1, 5), (1, 1), (1, 5)))
        for kind in ("int8", "int16", "int32", "float32")
        for constants in ((), (1,), (2,), (1, 2))
    ]
    assert_exact(cases, tmp_path)


def test_cast_equals_the_oracles(tmp_path) -> None:
    rng = np.random.default_rng(2)
    sources = ("bool", "uint8", "int8", "int16", "int32")
    cases = [cast(rng, a, b) for a in sources for b in (*sources, "float32") if a != b]
    assert_exact(cases, tmp_path)


def test_what_cannot_be_compiled_is_refused() -> None:
    rng = np.random.default_rng(3)
    for made, message in [
        (select(rng, ((1, 3), (1, 3), (1, 3)), scale=0.2), "differ in quantisation"),
        (select(rng, ((2, 1, 2, 1, 2, 1), (1, 2, 1, 2, 1, 2), (2,) * 6)), "too many separate axes"),
        (select(rng, ((1, 3), (1, 3), (1, 3)), "int64"), "element type"),
        (cast(rng, "float32", "int64"), "element type"),
        (cast(rng, "int8", "int32", (40,)), "in shape"),
    ]:
        assert any(message in problem for problem in problems(made.model)), message

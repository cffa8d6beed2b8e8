"""Builds cases of operators that move elements of any type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.compiler.ops.harness import PROFILES, Case
from tests.compiler.tflite_writer import Op, T, build

Shape = tuple[int, ...]


def moved(
    op: str,
    shapes: Sequence[Shape] | Shape,
    outputs: Sequence[Shape] | Shape,
    arguments: Sequence[Any] = (),
    options: Mapping[str, Any] | None = None,
    *,
    dtype: str = "int8",
    scale: float = 0.1,
    first: Sequence[Any] = (),
    profiles: tuple[str, ...] = PROFILES,
    version: int = 1,
) -> Case:
    """Returns a case with random elements.

    Args:
        op: Builtin name.
        shapes, outputs: Of the tensors whose elements move; one or several.
        arguments: Constant int32 inputs behind them.
        options: Of the operator.
        dtype: Of the elements.
        scale: Of the outputs; inputs have 0.1.
        first: Constant int32 inputs in front of them.
        profiles: Those whose oracle implements it.
        version: Of the operator.
    """
    sources, results = _listed(shapes), _listed(outputs)
    tensors = [_tensor(f"x{i}", shape, dtype, 0.1) for i, shape in enumerate(sources)]
    tensors += [_tensor(f"y{i}", shape, dtype, scale) for i, shape in enumerate(results)]
    named = {"a": arguments, "b": first}
    for prefix, given in named.items():
        for i, value in enumerate(given):
            data = np.asarray(value, np.int32)
            tensors.append(T(f"{prefix}{i}", data.shape, "int32", data=data))
    names = [f"x{i}" for i in range(len(sources))]
    inputs = [*(f"b{i}" for i in range(len(first))), *names, *(f"a{i}" for i in range(len(arguments)))]
    made = [f"y{i}" for i in range(len(results))]
    model = build(tensors, [Op(op, inputs, made, dict(options or {}), version)], names, made)
    source = np.random.default_rng(len(sources) + sum(map(sum, sources)))
    return Case(
        f"{op} {dtype} {sources} {arguments} {options or ''}",
        model,
        [drawn(source, shape, dtype) for shape in sources],
        profiles,
    )


def drawn(source: np.random.Generator, shape: Shape, dtype: str, vectors: int = 2) -> np.ndarray:
    """Returns [vectors, *shape] random elements."""
    return source.integers(-128, 128, (vectors, *shape)).astype(dtype)


def _listed(shapes: Sequence[Shape] | Shape) -> list[Shape]:
    if shapes and not isinstance(shapes[0], int):
        return [tuple(shape) for shape in shapes]  # type: ignore[union-attr]
    return [tuple(shapes)]  # type: ignore[arg-type]


def _tensor(name: str, shape: Shape, dtype: str, scale: float) -> T:
    if dtype in ("float32", "bool", "int32", "int64"):
        return T(name, shape, dtype)
    return T(name, shape, dtype, scale=scale, zero_point=0 if dtype == "int16" else 3)

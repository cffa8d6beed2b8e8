"""Holds operators of one input to the oracles for all 256 inputs at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.compiler.ops.harness import PROFILES, Case
from tests.compiler.tflite_writer import Op, T, build


def unary(
    op: str,
    scale: float,
    zero_point: int,
    output_scale: float,
    output_zero_point: int,
    options: dict[str, Any] | None = None,
    profiles: tuple[str, ...] = PROFILES,
    version: int = 2,
) -> Case:
    """Returns a case over every int8 value."""
    tensors = [
        T("x", (1, 4, 8, 8), scale=scale, zero_point=zero_point),
        T("y", (1, 4, 8, 8), scale=output_scale, zero_point=output_zero_point),
    ]
    model = build(tensors, [Op(op, ["x"], ["y"], options or {}, version=version)], ["x"], ["y"])
    every = np.arange(-128, 128).astype(np.int8).reshape(1, 1, 4, 8, 8)
    name = f"{op} ({scale}, {zero_point}) -> ({output_scale}, {output_zero_point}) {options}"
    return Case(name, model, [every], profiles)


def zero_point(rng: np.random.Generator) -> int:
    """Returns a zero point, often one at an end."""
    return int(rng.choice([-128, 127, 0, int(rng.integers(-128, 128))]))

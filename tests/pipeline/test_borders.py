"""A model may take and give other types than it computes in: export, build and hil carry each as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgekit.device import boards
from edgekit.manifest import load
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from tests.compiler.tflite_writer import Op, T, build
from tests.device.conftest import need, tools_of

BORDERS: dict[str, dict[str, Any]] = {
    "float32": {},
    "uint8": {"scale": 0.05, "zero_point": 128},
    "int16": {"scale": 0.0002, "zero_point": 0},
}


def bordered(kind: str) -> bytes:
    """Returns an int8 ADD between two borders of another type."""
    tensors = [
        T("x", (1, 24), kind, **BORDERS[kind]),
        T("inner", (1, 24), scale=0.05, zero_point=3),
        T("sum", (1, 24), scale=0.09, zero_point=-3),
        T("y", (1, 24), kind, **BORDERS[kind]),
    ]
    ops = [
        Op("QUANTIZE", ["x"], ["inner"]),
        Op("ADD", ["inner", "inner"], ["sum"], {"fused_activation_function": 0}, version=2),
        Op("DEQUANTIZE" if kind == "float32" else "QUANTIZE", ["sum"], ["y"], version=2),
    ]
    return build(tensors, ops, ["x"], ["y"])


@pytest.mark.parametrize("kind", BORDERS)
@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=pytest.mark.board)])
def test_every_element_equals_the_reference(kind: str, board: str, tmp_path: Path) -> None:
    need(*tools_of(boards.load(board)))
    model = tmp_path / f"{kind}_borders.tflite"
    model.write_bytes(bordered(kind))
    vectors = np.random.default_rng(1).uniform(-8, 8, (12, 24)).astype(np.float32)
    vectors[0, :3] = [1e6, -1e6, 1e-45]
    if kind != "float32":
        info = np.iinfo(kind)
        vectors = (vectors / 8 * info.max).clip(info.min, info.max).astype(kind)
    np.savez(tmp_path / "vectors.npz", **{"in/x": vectors})
    for numerics in ("litert", "tflm") if board == "host" else ("tflm",):
        out = tmp_path / numerics
        export(model, board, out, numerics=numerics)
        assert [tensor.dtype for tensor in (*load(out).inputs, *load(out).outputs)] == [kind, kind]
        (record,) = validate(out, [board], Source(file=tmp_path / "vectors.npz"))
        assert (record.status, record.mismatched_elements, record.elements) == ("held", 0, 12 * 24)


def test_indices_and_truth_values_come_out_as_they_are(tmp_path: Path) -> None:
    tensors = [
        T("x", (1, 8), scale=0.1, zero_point=3),
        T("zero", (1,), scale=0.1, zero_point=3, data=[3]),
        T("axis", (), "int32", data=1),
        T("greatest", (1,), "int32"),
        T("positive", (1, 8), "bool"),
        T("kept", (1, 8), scale=0.1, zero_point=3),
    ]
    ops = [
        Op("ARG_MAX", ["x", "axis"], ["greatest"], {"output_type": 2}),
        Op("GREATER", ["x", "zero"], ["positive"], version=2),
        Op("SELECT_V2", ["positive", "x", "zero"], ["kept"]),
    ]
    model = tmp_path / "types.tflite"
    model.write_bytes(build(tensors, ops, ["x"], ["greatest", "positive", "kept"]))
    for numerics in ("litert", "tflm"):
        export(model, "host", tmp_path / numerics, numerics=numerics)
        (record,) = validate(tmp_path / numerics, ["host"], Source(random=10))
        assert (record.status, record.mismatched_elements, record.elements) == ("held", 0, 10 * 17)

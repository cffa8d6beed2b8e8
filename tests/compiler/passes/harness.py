"""Holds a pass to what it promises: the oracle's bytes with it, and without it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edgekit import reference
from edgekit.compiler.compile import Program, compile_model
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from tests.compiler import host


def compiled(model: bytes, *disabled: str) -> Program:
    """Returns the program of a model."""
    return compile_model(model, "m.tflite", Target(), disabled=disabled)


def nodes(program: Program) -> list[str]:
    """Returns the builtin names of the nodes that are left."""
    return [node.op for node in program.graph.nodes]


def changes(program: Program, name: str) -> int:
    """Returns how many places a pass changed."""
    return next(result.changes for result in program.passes if result.name == name)


def assert_exact(
    model: bytes, folder: Path, *disabled: str, numerics: str = "litert", state: str = "reset"
) -> None:
    """Holds an export, some passes left out, to the oracle, on all 256 values where there is room."""
    exported = export_model(model, "m.tflite", "model", Target(numerics=numerics), disabled=disabled)
    inputs = host.random_inputs(exported.manifest, 4)
    for values in inputs.values():
        if values.dtype == np.int8 and values[1].size >= 256:
            values[1].reshape(-1)[:256] = np.arange(-128, 128)
    folder.mkdir()
    found = host.run(host.build(exported, folder), exported.manifest, inputs)
    names = {"input_names": [t.name for t in exported.manifest.inputs]}
    names["output_names"] = [t.name for t in exported.manifest.outputs]
    for output, expected in reference.run(model, inputs, numerics, state=state, **names).outputs.items():
        np.testing.assert_array_equal(found[output], expected.reshape(found[output].shape))

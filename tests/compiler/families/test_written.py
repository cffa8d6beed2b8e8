"""Models with state or with several inputs and outputs equal both references over many invocations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from tests.compiler import host
from tests.compiler.families.written import WRITTEN

INVOCATIONS = 60


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("numerics", ["litert", "tflm"])
def test_every_byte_equals_the_reference(name: str, numerics: str, tmp_path: Path) -> None:
    data = WRITTEN[name]()
    exported = export_model(data, f"{name}.tflite", name, Target(numerics=numerics), ("aot",))
    assert exported.manifest.stateful == (name != "two_borders")
    inputs = host.random_inputs(exported.manifest, INVOCATIONS)
    found = host.run(host.build(exported, tmp_path), exported.manifest, inputs)
    expected = reference.run(data, list(inputs.values()), numerics, state="carried")
    for tensor, want in zip(exported.manifest.outputs, expected.outputs.values(), strict=True):
        assert len(np.unique(want)) > (2 if tensor.dtype == "int32" else 20), "it proves nothing"
        np.testing.assert_array_equal(found[tensor.name], want.reshape(INVOCATIONS, -1))

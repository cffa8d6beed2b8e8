"""A model that keeps state answers a whole run of vectors as the reference does, from the reset on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edgekit.device import boards
from edgekit.manifest import load
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from tests.compiler.ops.test_svdf import svdf
from tests.compiler.test_state import streaming
from tests.device.conftest import need, tools_of

MODELS = {
    "ring": streaming(np.arange(-3, 3).reshape(1, 3, 1, 2)),
    "svdf": svdf(np.random.default_rng(0), (12, 8, 2, 5), scales=(0.05, 0.02, 0.01, 0.0002, 150)).model,
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("board", ["host", pytest.param("mps2-an386", marks=pytest.mark.board)])
def test_a_run_equals_the_reference(name: str, board: str, tmp_path: Path) -> None:
    need(*tools_of(boards.load(board)))
    model = tmp_path / f"{name}.tflite"
    model.write_bytes(MODELS[name])
    export(model, board, tmp_path / "out")
    assert load(tmp_path / "out").stateful
    for _ in range(2):  # the second run begins with a reset as well
        (record,) = validate(tmp_path / "out", [board], Source(random=30))
        assert (record.status, record.state, record.mismatched_elements) == ("held", "carried", 0)

"""What runs row by row gives the reference's bytes on emulated cores too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit.device import boards
from edgekit.pipeline.export import export
from edgekit.pipeline.validate import Source, validate
from tests.compiler.rows import networks
from tests.device.conftest import need, tools_of


@pytest.mark.board
@pytest.mark.parametrize(
    ("board", "model"),
    [("mps2-an386", networks.picture), ("mps3-an547", networks.line), ("microbit", networks.line)],
)
def test_the_least_memory_on_emulated_cores(board: str, model, tmp_path: Path) -> None:
    need(*tools_of(boards.load(board)))
    (tmp_path / "m.tflite").write_bytes(model())
    export(tmp_path / "m.tflite", board, tmp_path / "out", optimize="ram")
    assert json.loads((tmp_path / "out" / "plan.json").read_text())["groups"]
    (record,) = validate(tmp_path / "out", [board], Source(random=10), timeout=60.0)
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 10, 0)

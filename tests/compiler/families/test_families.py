"""Whole models of each family compute the reference's bytes: on this machine and on emulated cores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from edgekit import reference
from edgekit.compiler.export import export_model
from edgekit.compiler.ops.base import Target
from edgekit.device import boards
from edgekit.pipeline.validate import Source, validate
from tests.compiler import host
from tests.compiler.families.networks import FAMILIES, WIDE
from tests.device.conftest import need, tools_of

VECTORS = 20

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", [*FAMILIES, f"ds_cnn{WIDE}", f"resnet8{WIDE}", "lstm"])
def test_every_byte_equals_both_references(family: Callable[[str], bytes], name: str, tmp_path: Path) -> None:
    data = family(name)
    goals: tuple[tuple[Literal["litert", "tflm"], Literal["balanced", "ram"]], ...]
    goals = ("litert", "balanced"), ("tflm", "ram")
    for numerics, goal in goals:
        exported = export_model(
            data, f"{name}.tflite", name, Target(numerics=numerics, optimize=goal), ("aot",)
        )
        inputs = host.random_inputs(exported.manifest, VECTORS)
        program = host.build(exported, tmp_path / numerics, flags=("-O2",))
        found = host.run(program, exported.manifest, inputs)
        expected = reference.run(
            data,
            inputs,
            numerics,
            input_names=[tensor.name for tensor in exported.manifest.inputs],
            output_names=[tensor.name for tensor in exported.manifest.outputs],
        )
        for tensor in exported.manifest.outputs:
            want = expected.outputs[tensor.name].reshape(VECTORS, -1)
            assert len(np.unique(want)) > 10, "the model's output hardly moves, so it proves nothing"
            np.testing.assert_array_equal(found[tensor.name], want)


@pytest.mark.board
@pytest.mark.parametrize("board", [key for key, board in boards.all_boards().items() if board.emulated])
def test_the_smallest_runs_on_every_emulated_core(
    family: Callable[[str], bytes], board: str, tmp_path: Path
) -> None:
    need(*tools_of(boards.load(board)))
    path = tmp_path / "mobilenet_v3.tflite"
    path.write_bytes(family("mobilenet_v3"))
    (record,) = validate(path, [board], Source(random=VECTORS), timeout=120.0)
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", VECTORS, 0)

"""int16 activations, of all layers or of some, from the recipe's setting to the board."""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from edgekit.cli.main import build_app
from edgekit.device import boards
from edgekit.errors import InputError
from edgekit.pipeline.derive import requantize
from edgekit.pipeline.export import export
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate
from tests.device.conftest import need, tools_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("run")]


def quantised(run, *options) -> RunFolder:
    """Returns the run beside `run` that `edgekit quantize` makes of it."""
    path = run.path / "quantised.json"
    command = ["quantize", str(run.path), *options, "--json", str(path)]
    done = CliRunner().invoke(build_app(), command, standalone_mode=False)
    assert done.return_value == 0, done.output
    return RunFolder.open(json.loads(path.read_text())["result"]["run"])


@pytest.fixture(scope="module")
def wide_run(small_run) -> RunFolder:
    return quantised(small_run, "--activations", "int16")


def held(run, folder, board, numerics="litert"):
    """Runs a few of a run's vectors on a board; returns the record where all of it holds."""
    need(*tools_of(boards.load(board)))
    export(run.path, board, folder / "out", numerics=numerics)
    with np.load(run.vectors) as vectors:
        few = {name: vectors[name][:4] for name in vectors.files if not name.startswith("out/")}
    np.savez(folder / "few.npz", **few, signal=np.load(folder / "out" / "vectors.npz")["signal"])
    (record,) = validate(folder / "out", [board], Source(file=folder / "few.npz"), timeout=60.0)
    assert (record.status, record.vectors, record.mismatched_elements) == ("held", 4, 0)
    assert record.preproc is not None and record.preproc.differing_elements == 0
    assert record.preproc.elements > 0 and record.task is not None
    return record


def test_vectors_are_int16_and_results_are_called_16x8(wide_run, small_run):
    with np.load(wide_run.vectors) as vectors:
        assert {vectors[name].dtype for name in vectors.files if name != "label"} == {np.dtype(np.int16)}
    metrics, narrow = (json.loads(run.metrics.read_text()) for run in (wide_run, small_run))
    assert (metrics["int8"]["name"], narrow["int8"]["name"]) == ("16x8", "")
    assert metrics["float"] == narrow["float"]
    assert metrics["int8"]["accuracy"] == pytest.approx(metrics["float"]["accuracy"], abs=0.02)


def test_another_quantisation_is_a_run_of_its_own(wide_run, small_run):
    assert wide_run.path.parent == small_run.path.parent and "+16x8-" in wide_run.path.name
    assert wide_run.keras_model.samefile(small_run.keras_model)
    assert wide_run.tflite.read_bytes() != small_run.tflite.read_bytes()
    assert small_run.recipe.quantize.label == "int8"
    assert json.loads(wide_run.step.read_text())["parent"] == small_run.path.name
    with pytest.raises(InputError, match="is quantised so already: 16x8"):
        requantize(wide_run.path, {"activations": "int16"})
    with pytest.raises(InputError, match=r"activations[\s\S]*int12"):
        requantize(small_run.path, {"activations": "int12"})


@pytest.mark.parametrize(
    ("board", "numerics"),
    [
        ("host", "litert"),
        ("host", "tflm"),
        pytest.param("mps2-an386", "litert", marks=pytest.mark.board),
        pytest.param("mps3-an547", "litert", marks=pytest.mark.board),
    ],
)
def test_the_rhythm_network_equals_the_reference_to_the_byte(wide_run, tmp_path, board, numerics):
    record = held(wide_run, tmp_path, board, numerics)
    assert record.reference is not None and record.reference.runtime.startswith(numerics)


@pytest.mark.board
def test_layers_of_both_kinds_equal_the_reference_to_the_byte(small_run, tmp_path):
    layers = ["input", "1", "2", "*se_gate*", "MEAN", "FULLY_CONNECTED"]
    run = quantised(small_run, *(word for layer in layers for word in ("--int16-layers", layer)))
    assert run.recipe.quantize.int16_layers == layers
    assert json.loads(run.metrics.read_text())["int8"]["name"] == "mixed"
    held(run, tmp_path, "mps2-an386")
    nodes = json.loads((tmp_path / "out" / "manifest.json").read_text())["nodes"]
    assert sum(node["op"] == "QUANTIZE" for node in nodes) > 10

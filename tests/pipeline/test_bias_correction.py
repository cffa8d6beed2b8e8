"""A run quantised again with corrected biases: a run of its own, and no engine sees a difference."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from edgekit.cli.main import build_app
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("run")]


def quantised(run, *options):
    path = run.path / "corrected.json"
    command = ["quantize", str(run.path), *options, "--json", str(path)]
    done = CliRunner().invoke(build_app(), command, standalone_mode=False)
    return done, json.loads(path.read_text())


def test_corrected_biases_are_a_run_of_its_own_that_c_computes_to_the_byte(small_run):
    done, said = quantised(small_run, "--bias-correction")
    assert done.return_value == 0, done.output
    run = RunFolder.open(said["result"]["run"])
    assert run.path != small_run.path and run.recipe.quantize.bias_correction
    assert not small_run.recipe.quantize.bias_correction
    assert run.tflite.read_bytes() != small_run.tflite.read_bytes()
    metrics = json.loads(run.metrics.read_text())
    assert metrics["int8"]["accuracy"] == pytest.approx(metrics["float"]["accuracy"], abs=0.02)
    (record,) = validate(run.tflite, ["host"], Source(random=8))
    assert (record.status, record.mismatched_elements) == ("held", 0)
    done, said = quantised(run, "--no-bias-correction")
    assert RunFolder.open(said["result"]["run"]).tflite.read_bytes() == small_run.tflite.read_bytes()


def test_training_with_rounding_corrects_no_biases(small_run):
    done, _ = quantised(small_run, "--qat", "--bias-correction")
    assert done.return_value == 2

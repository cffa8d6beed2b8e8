"""The recipe's quick form with fewer scenes: its ladder, both boards, and the step to another domain."""

from __future__ import annotations

import subprocess
import sys

import pytest

from edgekit.device import boards
from edgekit.pipeline import domains, ladder
from edgekit.pipeline import train as training
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate
from tests.device.conftest import need, tools_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.xdist_group("aircraft")]

SCENES = [
    "data.options.count=800",
    "data.splits={train: 0.7, validation: 0.08, calibration: 0.06, test: 0.16}",
]
OTHER = ["data.options.domain=B", "data.options.seed=1", "data.options.settings.photographs=none"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Returns the folder of runs; scenes are rendered anew, beside it."""
    pytest.importorskip("tensorflow")
    need("arm-none-eabi-gcc", "qemu-system-arm")
    probe = [sys.executable, "-c", "from edgekit.scenes import gl; gl.renderer()"]
    done = subprocess.run(probe, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"scenes cannot be drawn: {done.stderr}")
    folder = tmp_path_factory.mktemp("aircraft")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGEKIT_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def rungs(folder):
    """Returns what the climb says of each rung."""
    settings = [*SCENES, "training.epochs=24"]
    made = ladder.climb("aircraft-detect", "mps2-an386", preset="quick", settings=settings, runs=folder)
    return made["ladder"]["rungs"]


@pytest.fixture(scope="module")
def runs(rungs, folder):
    return [RunFolder.open(folder / "aircraft-detect" / rung["run"]) for rung in rungs]


def test_most_parameters_go_and_the_precision_stays(rungs):
    first, pruned, deployed = rungs
    assert first["value_float"] > 0.4, "there must be something to keep"
    assert pruned["parameters"] <= 0.3 * first["parameters"]
    assert pruned["value_float"] >= 0.975 * first["value_float"]
    assert deployed["value_quantized"] >= deployed["value_float"] - 0.01
    assert deployed["instructions"] < 0.5 * first["instructions"]
    assert deployed["ram_bytes"] <= 256 * 1024


def test_every_rung_equals_the_pc_on_the_host(runs):
    for run in runs:
        (record,) = validate(run.path, ["host"], Source())
        assert record.status == "held" and record.mismatched_elements == 0 and record.pictures.held
        assert record.task.value == record.task.pc_value


@pytest.mark.board
def test_the_deployed_network_equals_the_pc_on_both_boards(runs):
    targets = ["mps2-an386", "mps3-an547"]
    for board in map(boards.load, targets):
        need(*tools_of(board))
    for record in validate(runs[-1].path, targets, Source()):
        assert record.status == "held" and record.mismatched_elements == 0 and record.pictures.held
        assert record.vectors > 100 and record.task.value == record.task.pc_value > 0.4


@pytest.fixture(scope="module")
def across(runs, folder):
    """Returns the table: A only, then a tenth of B, then all of B."""

    def tuned(*settings):
        more = [f"training.start_from={runs[0].path}", "training.learning_rate=1.0e-3", *settings]
        done = training.train("aircraft-detect", "quick", [*SCENES, *OTHER, *more], None, folder)
        return done["run"]

    some = tuned("data.share=0.1", "training.epochs=60", "quantize.max_metric_drop=0.2")
    every = tuned("training.epochs=12", "quantize.max_metric_drop=0.2")
    named = [f"A={runs[0].path}", f"some={some}", f"all={every}"]
    made = domains.compare(named, [f"A={runs[0].path}", f"B={every}"], folder / "domains")
    return {
        (run["name"], score["test"]): score["value_float"]
        for run in made["domains"]["runs"]
        for score in run["scores"]
    }


def test_another_domain_costs_precision_and_a_tenth_of_it_brings_some_back(across):
    assert across["A", "B"] < across["A", "A"] - 0.1
    assert across["A", "B"] + 0.05 < across["some", "B"] < across["all", "B"]

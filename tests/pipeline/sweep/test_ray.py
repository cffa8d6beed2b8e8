"""Sweeps on Ray: eight real points, dead workers, a dead sweep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgekit import manifest
from edgekit.errors import InputError
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.sweep import pick, results
from edgekit.pipeline.sweep import run as sweeping
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.pipeline.sweep.workers import Resources
from tests.device.conftest import need
from tests.pipeline.conftest import SMALL

ROOT = Path(__file__).resolve().parents[3]

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200), pytest.mark.xdist_group("ray")]


def start(folder: SweepFolder, **environment: str) -> subprocess.Popen[bytes]:
    """Starts the sweep of `swept.py` as a process of its own."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, "-m", "tests.pipeline.sweep.swept", str(folder.path)]
    return subprocess.Popen(command, cwd=ROOT, env=given, start_new_session=True)


def ran(folder: SweepFolder) -> dict[int, int]:
    """Returns how many processes each trial took."""
    files = sorted(folder.path.glob("ran-*"))
    return {int(f.name.removeprefix("ran-")): len(f.read_text().splitlines()) for f in files}


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_a_killed_worker_is_tried_again_once_and_costs_its_trial_only(folder):
    assert start(folder).wait(120) == 0
    found = results.load(folder)
    assert found.counts == {"done": 3, "skipped": 0, "failed": 1, "open": 0}
    assert ran(folder) == {0: 1, 1: 2, 2: 2, 3: 1}
    assert found.trial(1).attempts == 2 and found.trial(1).status == "done"
    assert "its process died" in found.trial(2).reason and "(2 times)" in found.trial(2).reason


def test_a_killed_sweep_leaves_no_process_and_keeps_what_was_finished(folder):
    cut = start(folder, SLOW="60")
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and not (
        folder.trial(0).is_file() and (folder.path / "ran-3").is_file()
    ):
        time.sleep(0.05)
    os.kill(cut.pid, signal.SIGKILL)
    cut.wait()
    assert gone(int((folder.path / "ran-3").read_text().split()[-1]))
    assert 0 in folder.finished()
    before = ran(folder)
    assert start(folder).wait(120) == 0
    after = ran(folder)
    assert after[0] == before[0] and after[3] == before[3] + 1
    assert results.load(folder).counts["done"] == 3


def test_more_gpus_than_a_machine_has_are_refused_before_anything_is_prepared(folder, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(sweeping.data, "prepare", lambda run, data_dir: pytest.fail("prepared"))
    with pytest.raises(InputError, match=r"--gpus: of a trial are more[\s\S]*at most 0[\s\S]*0\.5"):
        sweeping.run(folder, Resources(workers=1, gpus=0.5))


SPACE = """
title: A small perceptron
recipe: ecg-rhythm
choices:
  model.name: [mlp]
  model.params.hidden: {narrow: [8], wide: [16]}
  training.learning_rate: [0.001, 0.01]
steps:
  low-rank: [null, {rank: 2, granularity: 1, epochs: 1}]
budget: {instructions: 10000}
"""


def test_eight_points_from_the_space_to_the_export(tmp_path):
    """The wide network is over the budget: counted, and not trained, unless low rank brings it under."""
    need("arm-none-eabi-gcc", "qemu-system-arm")
    space = tmp_path / "small.yaml"
    space.write_text(SPACE)
    settings = [*SMALL, "quantize.max_metric_drop=0.5"]
    plan = sweeping.plan("ecg-rhythm", str(space), "mps2-an386", preset="quick", settings=settings)
    folder = SweepFolder.create(plan, tmp_path / "runs")
    found = sweeping.run(folder, Resources(workers=2))
    assert found.counts == {"done": 6, "skipped": 2, "failed": 0, "open": 0}
    assert len(list(folder.costs.glob("*.json"))) == 4  # what is equal is counted once
    for trial in found.trials:
        over = trial.point["model.params.hidden"] == "wide" and trial.point["low-rank"] == "off"
        assert (trial.status == "skipped") == over == (trial.expected.instructions > 10_000)
        if not over:
            run = RunFolder.open(folder.path / trial.run)
            assert len(run.recipe.compress) == (trial.point["low-rank"] != "off")
    assert len({run.name.partition("+")[0] for run in folder.runs.glob("ecg-rhythm/*")}) == 4  # trained once
    assert {e.choice for e in found.effects} == set(found.choices) - {"model.name"}
    again = sweeping.run(folder, Resources(workers=2))  # at once: there is nothing to do
    assert again.trials == found.trials
    made = pick.pick(folder, "best", tmp_path / "out")
    assert manifest.load(tmp_path / "out").target == "mps2-an386"
    assert made["trial"]["number"] == found.frontier[-1]
    assert RunFolder.open(Path(made["run"])).metrics.is_file()

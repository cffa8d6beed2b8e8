"""Derived runs and ladders: ordinary runs, resumed, and budgets that break by name."""

from __future__ import annotations

import csv
import errno
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edgekit.errors import CheckFailed, EnvironmentFailed, InputError
from edgekit.pipeline import derive, ladder
from edgekit.pipeline import train as training
from edgekit.pipeline.run_folder import RunFolder
from edgekit.report.ladder import Rung
from edgekit.training.steps import base

from .conftest import SMALL

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("derive")]
ROOT = Path(__file__).resolve().parents[2]
SETTINGS = [*SMALL, "model={name: mlp, params: {hidden: [8, 8]}}", "data.max_frames_per_record=1"]
SETTINGS.append("budget.flash_bytes=1000")  # holds for nothing


class Damp(base.Step):
    """Scales the logits, then trains on."""

    summary = "Scales the logits."
    stop = False

    class Params(base.StepParams):
        factor: float = 0.5

    def apply(self, model, params, context):
        layer = model.get_layer("logits")
        layer.set_weights([values * params.factor for values in layer.get_weights()])
        context.fine_tune(model, 1, 1e-4)
        if self.stop:
            raise KeyboardInterrupt
        context.fine_tune(model, 1, 1e-4)
        return base.Applied(model, {"before": {"scale": 1.0}, "after": {"scale": params.factor}})


@pytest.fixture
def damp(monkeypatch):
    step = Damp()
    monkeypatch.setitem(base.REGISTRY._loaded, "damp", step)
    monkeypatch.setattr(base.REGISTRY, "_builtin", lambda: ["damp"])
    return step


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def root(runs):
    return RunFolder.open(training.train("ecg-rhythm", "quick", SETTINGS, None, runs)["run"])


def planned(run, **params):
    return base.plan([{"step": "damp", **params}], run.recipe)[0]


def test_a_derived_run_is_an_ordinary_one_beside_its_parent(root, damp):
    found = derive.apply(root.path, "damp", {"factor": 0.25})
    run = RunFolder.open(found["run"])
    assert run.path.parent == root.path.parent and run.recipe.compress == [{"step": "damp", "factor": 0.25}]
    assert run.frames.samefile(root.frames)
    record = json.loads(run.step.read_text())
    assert record["parent"] == root.path.name and record["report"]["after"]["scale"] == 0.25
    assert record["report"]["before"]["parameters"] == record["report"]["after"]["parameters"] > 0
    known = json.loads(run.provenance.read_text())
    assert known["parent"] == root.path.name and known["data_sha256"] and "damp" in known["seconds"]
    assert run.tflite.is_file() and run.metrics.is_file() and (run.path / "history.csv").is_file()
    assert run.tflite.read_bytes() != root.tflite.read_bytes()
    before = run.keras_model.stat().st_mtime_ns
    assert derive.derive(root, planned(root, factor=0.25)) == run
    assert run.keras_model.stat().st_mtime_ns == before


def test_a_parameter_that_a_step_did_not_have_changes_no_folder(root, damp):
    made = derive.derive(root, planned(root, factor=0.25))
    before = RunFolder(shutil.copytree(made.path, made.path.with_name(f"{root.path.name}+damp-012345")))
    text = before.config.read_text()
    before.config.write_text(text.replace("  factor: 0.25\n", ""))
    assert before.config.read_text() != text
    assert derive.derive(root, planned(root)) == before
    shutil.rmtree(before.path)


def test_a_step_that_is_killed_goes_on_and_ends_with_the_same_model(root, damp, capsys):
    whole = derive.derive(root, planned(root, factor=0.75))
    expected = whole.keras_model.read_bytes()
    for made in (whole.keras_model, *whole.path.glob("fit-*/*.*")):
        made.unlink()
    damp.stop = True
    with pytest.raises(KeyboardInterrupt):
        derive.derive(root, planned(root, factor=0.75))
    assert not whole.keras_model.exists() and not (whole.path / "fit-2/history.csv").exists()
    damp.stop = False
    capsys.readouterr()
    again = derive.derive(root, planned(root, factor=0.75))
    assert "resuming after epoch 1 of 1" in capsys.readouterr().err
    assert weights(again) == weights_of(expected, again.path)


def climbing(run, plan):
    """Starts `edgekit compress` as a process of its own."""
    command = ["compress", str(run.path), "--plan", str(plan), "--target", "host"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-m", "edgekit", *command], env=environment)


def test_a_plan_whose_command_is_killed_ends_as_one_that_was_not(root, tmp_path):
    plan = tmp_path / "plan.yaml"
    plan.write_text("- {step: low-rank, rank: 2, granularity: 1, epochs: 40}")
    with pytest.raises(CheckFailed, match="flash_bytes"):
        ladder.climb(str(root.path), "host", plan_file=plan)
    copy = RunFolder(shutil.copytree(root.path, tmp_path / root.path.name))
    cut = climbing(copy, plan)
    deadline = time.monotonic() + 280
    while not list(tmp_path.glob("*+low-rank-*/fit-1/checkpoint.npz")):
        assert cut.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    cut.kill()
    cut.wait()
    (killed,) = (RunFolder(path) for path in tmp_path.glob("*+low-rank-*"))
    assert not killed.keras_model.is_file()
    assert climbing(copy, plan).wait(280) == 1  # the budget
    whole = RunFolder.open(root.path.with_name(killed.path.name))
    assert weights(killed) == weights(whole) and killed.tflite.read_bytes() == whole.tflite.read_bytes()
    found, expected = (json.loads((run.path / "ladder.json").read_text())["rungs"] for run in (killed, whole))
    assert [{**rung, "seconds": 0} for rung in found] == [{**rung, "seconds": 0} for rung in expected]


def weights(run):
    from edgekit.training.runtime import load_model

    return [values.tobytes() for values in load_model(run.keras_model).get_weights()]


def weights_of(content, folder):
    from edgekit.training.runtime import load_model

    path = folder / "kept.keras"
    path.write_bytes(content)
    return [values.tobytes() for values in load_model(path).get_weights()]


def test_a_ladder_tells_every_prefix_with_its_cost_and_the_budget_that_breaks(root, runs, damp):
    # the first step is that of another test, which is kept
    plan = "compress=[{step: damp, factor: 0.25}, {step: damp, factor: 0.9}]"
    with pytest.raises(CheckFailed) as caught:
        ladder.climb("ecg-rhythm", "host", preset="quick", settings=[*SETTINGS, plan], runs=runs)
    assert "step 3 of ecg-rhythm, damp: takes" in str(caught.value) and "1,000 bytes" in str(caught.value)
    record = caught.value.record["result"]["ladder"]
    assert [rung["step"] for rung in record["rungs"]] == ["train", "damp", "damp"]
    assert record["rungs"][0]["run"] == root.path.name  # another plan begins with the same network
    assert record["rungs"][2]["run"].startswith(record["rungs"][1]["run"] + "+damp-")
    for rung in record["rungs"]:
        assert (
            rung["instructions"] is None and min(rung["macs"], rung["arena_bytes"], rung["flash_bytes"]) > 0
        )
    last = RunFolder.open(root.path.parent / record["rungs"][2]["run"])
    assert last.recipe.compress == [{"step": "damp", "factor": 0.25}, {"step": "damp", "factor": 0.9}]
    table = (last.path / "ladder.md").read_text()
    assert (
        "| damp | " in table
        and "synthetic" in table
        and "(1.00x)" in table
        and "more than budget.flash_bytes" in table
    )
    rows = list(csv.DictReader((last.path / "ladder.csv").open()))
    assert [row["run"] for row in rows] == [rung["run"] for rung in record["rungs"]]
    assert float(rows[1]["parameters_ratio"]) == 1
    assert b"<svg" in (last.plots / "ladder.svg").read_bytes()


def test_a_metric_that_falls_too_far_stops_at_its_step(root, runs, damp):
    recipe = root.recipe.model_copy(
        update={"budget": root.recipe.budget.model_copy(update={"metric_drop": 0.1})}
    )
    record = ladder._record(root, "host")
    for step, value, size in (("train", 0.9, 9000), ("prune", 0.85, 5000), ("qat", 0.7, 4000)):
        record.rungs.append(rung(step, value, size))
    (lost,) = ladder._drop(record, recipe, 0.7, "float", 3)
    assert lost.where == "step 3 of ecg-rhythm, qat" and "0.7000 is 0.2000 worse" in lost.what
    assert ladder._drop(record, recipe, 0.85, "float", 2) == []
    assert [p.found for p in ladder._final(record, recipe)] == ["0.2000", "4,000 bytes"]


def rung(step, value, size):
    return Rung(
        step=step, run="r", value_float=value, value_quantized=value, parameters=size, model_bytes=size,
        macs=size, arena_bytes=1, code_bytes=1, weights_bytes=1, ram_bytes=1, flash_bytes=size,
    )  # fmt: skip


def test_what_cannot_be_compressed_says_why(root, damp, tmp_path):
    root.note(plan=[])
    with pytest.raises(InputError, match="has no plan of compression"):
        ladder.climb(str(root.path), "host")
    with pytest.raises(InputError, match="settings are fixed"):
        ladder.climb(str(root.path), "host", preset="quick")
    (tmp_path / "plan.yaml").write_text("- {step: dam}\n- {step: damp, facto: 1}\n")
    with pytest.raises(InputError) as caught:
        ladder.climb(str(root.path), "host", plan_file=tmp_path / "plan.yaml")
    assert "plan.yaml.0.step: unknown step 'dam'" in str(caught.value)
    assert "did you mean 'factor'?" in str(caught.value)
    (tmp_path / "plan.yaml").write_text("step: damp")
    with pytest.raises(InputError, match="holds no list of steps"):
        ladder.climb(str(root.path), "host", plan_file=tmp_path / "plan.yaml")
    empty = RunFolder.create_at(tmp_path / "run", root.recipe)
    with pytest.raises(InputError, match=r"model.keras: is not there yet[\s\S]*edgekit train ecg-rhythm"):
        derive.apply(empty.path, "damp", {})
    with pytest.raises(InputError, match="no such folder"):
        derive.apply(tmp_path / "nowhere", "damp", {})


def test_a_damaged_parent_and_a_full_disk_are_named_and_nothing_is_lost(root, damp, tmp_path, monkeypatch):
    copy = RunFolder(shutil.copytree(root.path, tmp_path / "ecg-rhythm" / "copy"))
    good = copy.keras_model.read_bytes()
    copy.keras_model.write_bytes(good[: len(good) // 2])
    with pytest.raises(InputError, match=r"model.keras: cannot be read[\s\S]*train again"):
        derive.derive(copy, planned(copy))
    copy.keras_model.write_bytes(good)
    move = Path.replace

    def full(self, target):
        if Path(target).name == "model.keras":
            raise OSError(errno.ENOSPC, "No space left on device")
        return move(self, target)

    with monkeypatch.context() as patch, pytest.raises(EnvironmentFailed, match="No space left"):
        patch.setattr(Path, "replace", full)
        derive.derive(copy, planned(copy))
    assert copy.keras_model.read_bytes() == good
    made = derive.derive(copy, planned(copy))
    assert json.loads((made.step).read_text())["step"] == "damp" and made.keras_model.is_file()

"""What a sweep does with its trials: keeps, skips, fails, goes on, and reports."""

from __future__ import annotations

import csv
import json

import pytest

from edgekit import files
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.pipeline.sweep import run as sweeping
from edgekit.pipeline.sweep.folder import SweepFolder, share
from edgekit.pipeline.sweep.workers import Resources
from tests.pipeline.sweep.conftest import cost

pytestmark = pytest.mark.usefixtures("inline")


def work(job):
    """Trial 1 fails; 2 and 3, of the wide network, are over the budget."""
    wide = "model.params.stem_filters=16" in job["settings"]
    made = cost(9000 if wide else 3000).to_json()
    if wide:
        return {"status": "skipped", "reason": "instructions 9,000 of at most 5,000", "cost": made}
    if job["number"] == 1:
        return {"status": "failed", "reason": "the loss is nan"}
    values = {"value": 0.75, "value_float": 0.751, "test_value": 0.5}
    return {"status": "done", "cost": made, "expected": made, "run": "runs/x", "seconds": 2.0, **values}


def test_a_sweep_keeps_what_became_of_every_point(folder):
    found = sweeping.run(folder, Resources(), work=work)
    assert found.counts == {"done": 1, "skipped": 2, "failed": 1, "open": 0}
    assert found.frontier == [0] and found.trial(1).reason == "the loss is nan"
    assert found.budget.instructions == 5000 and found.synthetic
    with (folder.path / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["done", "failed", "skipped", "skipped"]
    assert rows[0]["training.learning_rate"] == "slow" and rows[0]["instructions"] == "3000"
    assert rows[2]["accuracy"] == "" and "9,000 of at most 5,000" in rows[2]["reason"]
    written = json.loads(folder.results.read_text())
    assert written["schema"] == "edgekit.sweep/1" and written == found.to_json()
    assert all((folder.path / name).is_file() for name in ("report.html", "frontier.svg", "frontier.png"))


def test_started_again_it_runs_only_what_failed_or_is_missing(folder):
    sweeping.run(folder, Resources(), work=work)
    folder.trial(3).unlink()
    ran = []

    def counting(job):
        ran.append(job["number"])
        return work({**job, "number": 0})

    found = sweeping.run(folder, Resources(), work=counting)
    assert ran == [1, 3] and found.counts["done"] == 2


def test_a_sweep_that_is_cut_has_kept_what_it_had(folder):
    def interrupted(job):
        if job["number"] == 2:
            raise KeyboardInterrupt
        return work(job)

    with pytest.raises(KeyboardInterrupt):
        sweeping.run(folder, Resources(), work=interrupted)
    assert json.loads(folder.results.read_text())["counts"]["done"] == 1
    assert set(folder.finished()) == {0}
    assert sweeping.run(folder, Resources(), work=work).counts["done"] == 1


def test_a_full_disk_ends_the_sweep_and_loses_nothing(folder, monkeypatch):
    write = files.write_json

    def full(path, value):
        if path == folder.trial(1):
            raise EnvironmentFailed(where=str(path), what="cannot be written: No space left on device")
        write(path, value)

    monkeypatch.setattr(files, "write_json", full)
    with pytest.raises(EnvironmentFailed, match="No space left"):
        sweeping.run(folder, Resources(), work=work)
    monkeypatch.undo()
    assert set(folder.finished()) == {0}


def test_what_loses_too_much_in_quantisation_is_kept_off_the_frontier(folder):
    def dropped(job):
        made = {"status": "done", "cost": cost(3000).to_json(), "value": 0.7, "value_float": 0.9}
        return made if job["number"] == 0 else {**made, "value": 0.6, "value_float": 0.6}

    found = sweeping.run(folder, Resources(), work=dropped)
    assert "0.2000 below float" in found.trial(0).reason and found.frontier == [1]


def test_only_one_sweep_runs_in_a_folder(folder):
    def nested(job):
        with pytest.raises(InputError, match="is being swept already"):
            sweeping.run(folder, Resources(), work=work)
        return work(job)

    assert sweeping.run(folder, Resources(), work=nested).counts["done"] == 1


def test_trials_limits_the_points(folder):
    assert len(sweeping.run(folder, Resources(), trials=1, work=work).trials) == 1


def test_a_board_that_is_not_emulated_counts_nothing(space_file):
    with pytest.raises(InputError, match="an emulated board"):
        sweeping.plan("ecg-rhythm", str(space_file), "host")


def test_the_same_sweep_has_the_same_folder(space_file, tmp_path):
    plans = [
        sweeping.plan("ecg-rhythm", str(space_file), "mps2-an386", settings=settings)
        for settings in ([], [], ["training.epochs=3"])
    ]
    folders = [SweepFolder.create(plan, tmp_path) for plan in plans]
    assert folders[0] == folders[1] != folders[2]
    assert folders[2].plan.recipe.training.epochs == 3
    before = folders[0].path.with_name(f"{folders[0].path.name[:-8]}0123abcd")
    folders[0].path.rename(before)  # as a schema named it that had a key less
    config = before / "sweep.yaml"
    config.write_text(config.read_text().replace("    pad: false\n", ""))
    assert SweepFolder.create(plans[0], tmp_path).path == before
    with pytest.raises(InputError, match="not the folder of a sweep"):
        SweepFolder.open(tmp_path)


def test_equal_data_are_prepared_once_and_shared_without_a_copy(folder):
    recipe = folder.plan.recipe
    source = folder.data(recipe)
    for name in ("frames.npz", "data.json", "preproc.json"):
        (source.path / name).write_text("{}")
    wide = recipe.model_copy(update={"training": recipe.training.model_copy(update={"epochs": 9})})
    assert folder.data(wide) == source
    other = recipe.model_copy(update={"data": recipe.data.model_copy(update={"seed": 5})})
    assert folder.data(other) != source
    run = type(source).create(wide, folder.runs)
    share(source, run)
    share(source, run)
    assert run.frames.stat().st_ino == source.frames.stat().st_ino

"""Optuna's search: seeded, taken up where it was, and it learns what is over the budget."""

from __future__ import annotations

import pytest
import yaml

from edgekit.pipeline.sweep import run as sweeping
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.pipeline.sweep.workers import Resources
from tests.pipeline.sweep.conftest import cost

pytest.importorskip("optuna")
pytestmark = pytest.mark.usefixtures("inline")

SPACE = {
    "choices": {"model.params.stem_filters": [4, 8, 16, 32]},
    "ranges": {
        "training.learning_rate": {"low": 1e-4, "high": 1e-1, "log": True},
        "training.epochs": {"low": 2, "high": 10, "step": 2},
    },
    "budget": {"instructions": 20_000},
}


def work(job):
    """Best at a learning rate of 0.01; the widest network is over the budget."""
    given = {key: yaml.safe_load(value) for key, value in (s.split("=") for s in job["settings"])}
    instructions = 1000 * given["model.params.stem_filters"]
    if instructions > 20_000:
        return {"status": "skipped", "reason": "too many", "cost": cost(instructions).to_json()}
    value = 1 - abs(given["training.learning_rate"] - 0.01) - 1 / instructions
    return {"status": "done", "cost": cost(instructions).to_json(), "value": value, "value_float": value}


def folder(tmp_path, seed=0):
    tmp_path.mkdir(exist_ok=True)
    path = tmp_path / "searched.yaml"
    path.write_text(yaml.safe_dump(SPACE))
    plan = sweeping.plan("ecg-rhythm", str(path), "mps2-an386", search="optuna", seed=seed)
    return SweepFolder.create(plan, tmp_path / "runs")


def points(found):
    return [trial.point for trial in found.trials]


def test_a_search_is_a_function_of_its_seed(tmp_path):
    runs = [
        sweeping.run(folder(tmp_path / name, seed), Resources(), trials=14, work=work)
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    ]
    assert len(runs[0].trials) == 14
    assert points(runs[0]) == points(runs[1]) != points(runs[2])
    assert runs[0].frontier and {int(p["training.epochs"]) for p in points(runs[0])} <= {2, 4, 6, 8, 10}


def test_a_cut_search_goes_on_with_the_point_that_was_running(tmp_path):
    where = folder(tmp_path)
    asked = []

    def cut(job):
        asked.append(job["settings"])
        if len(asked) == 4:
            raise KeyboardInterrupt
        return work(job)

    with pytest.raises(KeyboardInterrupt):
        sweeping.run(where, Resources(), trials=8, work=cut)
    again = []

    def more(job):
        again.append(job["settings"])
        return work(job)

    found = sweeping.run(where, Resources(), trials=8, work=more)
    assert again[0] == asked[3] and len(again) == 5
    assert len(found.trials) == 8 and not found.counts["open"]
    larger = sweeping.run(where, Resources(), trials=9, work=work)
    assert len(larger.trials) == 9 and points(larger)[:8] == points(found)

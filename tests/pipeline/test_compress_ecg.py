"""The plan of a real recipe, end to end: each rung costs less and agrees with the PC on the board."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from edgekit.cli.main import build_app
from edgekit.pipeline import report
from edgekit.recipes.base import REGISTRY as RECIPES

pytestmark = [pytest.mark.slow, pytest.mark.board, pytest.mark.timeout(900)]


@pytest.mark.xdist_group("run")
def test_the_plan_of_the_ecg_recipe_runs_to_its_end(small_run, tmp_path):
    plan = [{**entry, "epochs": 1} for entry in RECIPES.get("ecg-rhythm").compress]
    (tmp_path / "plan.yaml").write_text(json.dumps(plan))
    command = ["compress", str(small_run.path), "--plan", str(tmp_path / "plan.yaml")]
    done = CliRunner().invoke(
        build_app(), [*command, "--target", "mps2-an386", "--json", str(tmp_path / "out.json")],
        standalone_mode=False,
    )  # fmt: skip
    assert done.return_value == 0, done.output
    result = json.loads((tmp_path / "out.json").read_text())["result"]
    first, pruned, last = result["ladder"]["rungs"]
    assert [rung["step"] for rung in (first, pruned, last)] == ["train", "prune", "qat"]
    assert pruned["parameters"] < 0.7 * first["parameters"]
    for name in ("macs", "instructions", "weights_bytes", "model_bytes"):
        assert pruned[name] < first[name] and last[name] < first[name]
    page = report.write(small_run.path.with_name(last["run"]))["html"].read_text()
    assert "Made by the step qat" in page and "how many times less" in page

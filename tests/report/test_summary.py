"""report.json: the verdict and all figures in one file."""

from __future__ import annotations

import json
from pathlib import Path

from edgekit.report import summary
from edgekit.report.read import read


def test_it_holds_verdict_checks_metrics_and_results(run_folder: Path) -> None:
    summary.write(read(run_folder), run_folder / "report.json")
    tree = json.loads((run_folder / "report.json").read_text())
    assert (tree["schema"], tree["status"], tree["held"]) == ("edgekit.report/1", "held", True)
    assert tree["notice"] and tree["synthetic"] is True
    assert tree["metrics"]["float"]["n"] == 1336 and tree["hil"][0]["schema"] == "edgekit.hil/1"
    assert {check["held"] for check in tree["checks"]} == {True} and tree["problems"] == []

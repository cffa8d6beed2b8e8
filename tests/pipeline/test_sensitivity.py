"""The sensitivity of a run's layers: kept when cut, and in the report."""

from __future__ import annotations

import csv
import json
import shutil

import pytest

from edgekit.pipeline import report
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.sensitivity import sensitivity

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.xdist_group("run")]


def test_a_cut_run_goes_on_and_ends_with_table_picture_and_report(small_run, tmp_path, monkeypatch):
    from edgekit.training.sensitivity import Sensitivity

    shutil.copytree(small_run.path, tmp_path / "run")
    run, measure, measured = RunFolder(tmp_path / "run"), Sensitivity._layer, []

    def cut(self, layer):
        if len(measured) == 3:
            raise KeyboardInterrupt
        measured.append(layer.node)
        return measure(self, layer)

    monkeypatch.setattr(Sensitivity, "_layer", cut)
    with pytest.raises(KeyboardInterrupt):
        sensitivity(run, frames=4)
    kept = json.loads((run.path / "sensitivity.json").read_text())
    assert len(kept["layers"]) == 3 and kept["total"] == 25

    monkeypatch.setattr(
        Sensitivity, "_layer", lambda self, layer: measured.append(layer.node) or measure(self, layer)
    )
    found = sensitivity(run, frames=4)
    record = json.loads((run.path / "sensitivity.json").read_text())
    assert record["schema"] == "edgekit.sensitivity/1" and record["layers"][:3] == kept["layers"]
    assert measured == [layer["node"] for layer in record["layers"]] and len(set(measured)) == 25
    assert record["int8_sqnr_db"] == pytest.approx(record["simulated_sqnr_db"], abs=6)
    levels = [layer["alone_sqnr_db"] for layer in found["worst"]]
    assert levels == sorted(levels)
    with (run.path / "sensitivity.csv").open() as file:
        assert [int(row["node"]) for row in csv.DictReader(file)] == measured
    assert "every layer quantised" in (run.plots / "sensitivity.svg").read_text()

    report.write(run.path)
    page = (run.path / "report.html").read_text()
    assert "Sensitivity" in page and "FULLY_CONNECTED" in page
    sensitivity(run, frames=4)
    assert len(measured) == 25  # nothing is measured twice

"""Compression in the report: what a step changed, and the rungs of a plan."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from edgekit.report import html, ladder
from edgekit.report.ladder import LadderRecord, Rung, StepRecord
from edgekit.report.read import read


def record(instructions: int | None = 1000) -> LadderRecord:
    rungs = [
        Rung(
            step=step, run=step, value_float=value, value_quantized=value - 0.01, parameters=size,
            model_bytes=size, macs=10 * size, arena_bytes=512, code_bytes=900, weights_bytes=size,
            ram_bytes=2000, flash_bytes=9000, instructions=instructions and instructions * size,
        )
        for step, value, size in (("train", 0.9, 4000), ("prune", 0.88, 1000))
    ]  # fmt: skip
    return LadderRecord(
        recipe="ecg-rhythm", metric="accuracy", target="mps2-an386", emulated=instructions is not None,
        synthetic=True, rungs=rungs, broken=["step 2: too large"],
    )  # fmt: skip


def test_ratios_are_to_the_first_rung() -> None:
    first, second = ladder.rows(record())
    assert first[3] == "4,000" and second[3] == "1,000 (4.00x)"
    assert second[:3] == ["prune", "0.8800", "0.8700"] and second[-1] == "1,000,000 (4.00x)"
    assert ladder.rows(record(None))[1][-1] == "n/a" and "emulated" not in ladder.caption(record(None))


def test_markdown_and_csv_hold_every_rung() -> None:
    table = ladder.markdown(record())
    assert "synthetic test subjects" in table and "Not held: step 2: too large." in table
    assert [line.split(" | ")[0] for line in table.splitlines()[6:8]] == ["| train", "| prune"]
    rows = list(csv.DictReader(io.StringIO(ladder.comma_separated(record()))))
    assert [(row["step"], row["parameters"]) for row in rows] == [("train", "4000"), ("prune", "1000")]
    assert float(rows[1]["instructions_ratio"]) == 4


def test_the_page_shows_what_the_step_did_and_the_rungs(run_folder: Path) -> None:
    report = {
        "before": {"parameters": 4000, "accuracy": 0.9},
        "after": {"parameters": 1000, "accuracy": 0.88},
        "rule": "<b>union</b>",
        "layers": [{"layer": "conv1", "kept": 4}, {"layer": "conv2", "kept": 8}],
    }
    step = StepRecord(parent="quick-1", step="prune", params={"pth": 0.2, "exclude": []}, report=report)
    (run_folder / "compress.json").write_text(json.dumps(step.to_json()))
    (run_folder / "ladder.json").write_text(json.dumps(record().to_json()))
    page = html.render(read(run_folder))
    assert "Made by the step prune from the run quick-1: pth 0.2" in page
    assert "25.0" in page and "&lt;b&gt;union" in page and "conv2" in page
    assert "1,000 (4.00x)" in page and "Not held: step 2: too large." in page


@pytest.mark.parametrize("name", ["compress.json", "ladder.json"])
def test_a_damaged_record_is_named_and_the_rest_is_shown(run_folder: Path, name: str) -> None:
    (run_folder / name).write_text("{")
    run = read(run_folder)
    assert any(name in problem.where for problem in run.problems) and run.metrics is not None

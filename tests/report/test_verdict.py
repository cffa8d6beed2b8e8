"""What quantisation may cost is checked in the metric that the task is judged by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edgekit.report.read import read
from edgekit.report.verdict import checks

EMBEDDING = {"name": "embedding", "metric": "probe accuracy", "higher_is_better": True}
DISTANCE = {"name": "pose", "metric": "distance", "higher_is_better": False}


@pytest.mark.parametrize(
    ("task", "values", "held", "named"),
    [
        (EMBEDDING, (0.80, 0.796), True, "quantised probe accuracy at most 0.005 below float"),
        (EMBEDDING, (0.80, 0.79), False, "quantised probe accuracy at most 0.005 below float"),
        (DISTANCE, (0.20, 0.19), True, "quantised distance at most 0.005 above float"),
        (DISTANCE, (0.20, 0.21), False, "quantised distance at most 0.005 above float"),
    ],
)
def test_a_task_is_held_to_its_own_metric(run_folder: Path, task, values, held, named) -> None:
    path = run_folder / "metrics.json"
    kept = {key: json.loads(path.read_text())[key] for key in ("schema", "classes", "seconds")}
    scores = {name: {"value": value, "n": 9} for name, value in zip(("float", "int8"), values, strict=True)}
    path.write_text(json.dumps({**kept, "task": {**task, **scores}}))
    check = next(check for check in checks(read(run_folder)) if "float" in check.name)
    assert (check.name, check.held) == (named, held)
    assert check.detail == f"float {values[0]:.4f}, quantised {values[1]:.4f}"

"""`report.json` (`edgekit.report/1`): verdict, checks, metrics and results of a run in one file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from edgekit import __version__, files
from edgekit.report.read import Run
from edgekit.report.verdict import verdict


def write(run: Run, path: Path) -> None:
    """Writes the summary of a run to `path`.

    Raises:
        EnvironmentFailed: The disk refused.
    """
    files.write_json(path, to_json(run))


def to_json(run: Run) -> dict[str, Any]:
    """Returns the run as one JSON value (`edgekit.report/1`)."""
    found = verdict(run)
    return {
        "schema": "edgekit.report/1",
        "edgekit": __version__,
        "name": run.name,
        "title": run.title,
        "notice": run.notice,
        "synthetic": run.synthetic,
        "status": found.status,
        "held": found.held,
        "checks": [asdict(check) for check in found.checks],
        "metrics": run.metrics.to_json() if run.metrics else None,
        "data": run.data.to_json() if run.data else None,
        "hil": [record.to_json() for record in run.hil],
        "problems": [asdict(problem) for problem in run.problems],
    }

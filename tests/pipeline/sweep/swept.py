"""A sweep of made-up trials on Ray, as a process that may be killed: python -m ... FOLDER."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from edgekit.pipeline.sweep import run as sweeping
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.pipeline.sweep.workers import Resources
from tests.pipeline.sweep.conftest import cost


def work(job):
    """Trial 1 is killed at its first attempt, trial 2 at each; $SLOW seconds pass in each other."""
    folder, number = Path(job["folder"]), job["number"]
    with (folder / f"ran-{number}").open("a") as file:
        file.write(f"{os.getpid()}\n")
    attempts = len((folder / f"ran-{number}").read_text().splitlines())
    if number == 2 or (number == 1 and attempts == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(float(os.environ.get("SLOW", "0")) if number != 0 else 0)
    return {"status": "done", "cost": cost(100 + number).to_json(), "value": 0.5, "value_float": 0.5}


if __name__ == "__main__":
    sweeping.data.prepare = lambda run, data_dir: None  # type: ignore[assignment]
    sweeping.run(SweepFolder.open(Path(sys.argv[1])), Resources(workers=2), work=work)

"""Sweeps whose trials are made up: what a sweep does with them needs neither Ray nor TensorFlow."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edgekit.pipeline.sweep import run as sweeping
from edgekit.pipeline.sweep.folder import SweepFolder
from edgekit.pipeline.sweep.workers import Ended
from edgekit.report.sweep import Cost, Trial

SPACE = """
title: Made up
recipe: ecg-rhythm
choices:
  model.params.stem_filters: [8, 16]
  training.learning_rate: {slow: 1.0e-4, fast: 1.0e-2}
budget: {instructions: 5000}
"""


def cost(instructions: int, flash: int = 1000) -> Cost:
    """A cost of so many instructions and bytes of flash."""
    return Cost(
        instructions=instructions, ram_bytes=100, flash_bytes=flash, arena_bytes=90, code_bytes=flash // 2,
        weights_bytes=flash - flash // 2, macs=10, parameters=10,
    )  # fmt: skip


def done(number: int, value: float, instructions: int, flash: int = 1000, **fields: Any) -> Trial:
    """A finished trial."""
    return Trial(**{
        "number": number, "point": {}, "settings": [], "status": "done", "value": value, "value_float": value,
        "cost": cost(instructions, flash), **fields,
    })  # fmt: skip


class Inline:
    """Stands in for Ray: runs a job as soon as it is waited for."""

    slots = 2

    def __init__(self, work: Any) -> None:
        self.work, self.jobs = work, []

    @property
    def free(self) -> int:
        return self.slots - len(self.jobs)

    @property
    def busy(self) -> bool:
        return bool(self.jobs)

    def submit(self, job: dict[str, Any]) -> None:
        self.jobs.append(job)

    def wait(self) -> Any:
        job = self.jobs.pop(0)
        yield Ended(job, self.work(job))


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials run here, and there are no data to prepare."""

    @contextmanager
    def workers(resources: Any, work: Any) -> Any:
        yield Inline(work)

    monkeypatch.setattr(sweeping, "workers", workers)
    monkeypatch.setattr(sweeping.data, "prepare", lambda run, data_dir: None)


@pytest.fixture
def space_file(tmp_path: Path) -> Path:
    """The file of a space of four points."""
    path = tmp_path / "made_up.yaml"
    path.write_text(SPACE)
    return path


@pytest.fixture
def folder(space_file: Path, tmp_path: Path) -> SweepFolder:
    """A sweep of it that has not begun."""
    plan = sweeping.plan("ecg-rhythm", str(space_file), "mps2-an386", preset="quick")
    return SweepFolder.create(plan, tmp_path / "runs")

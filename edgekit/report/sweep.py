"""The record of a sweep (`edgekit.sweep/1`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgekit import __version__
from edgekit.report.base import Part
from edgekit.report.parts import Count

Status = Literal["done", "skipped", "failed", "open"]


class Cost(Part):
    """What a network costs on the target."""

    instructions: Count = Field(description="of one inference, median")
    ram_bytes: Count = Field(description="of the whole firmware")
    flash_bytes: Count = Field(description="of the whole firmware")
    arena_bytes: Count
    code_bytes: Count
    weights_bytes: Count
    macs: Count = Field(description="multiply-accumulates")
    parameters: Count = Field(description="of the float model")
    seconds: float = Field(0.0, ge=0, description="that counting took")


class Trial(Part):
    """One point of the space, and what became of it."""

    number: Count
    point: dict[str, str] = Field(description="the option taken, by choice")
    settings: list[str] = Field(description="the same as settings of the recipe, each a.b=value")
    status: Status = Field("open", description="skipped: over the budget, not trained; open: not finished")
    reason: str = Field("", description="why it was skipped or failed, or is kept off the frontier")
    expected: Cost | None = Field(None, description="of the network with random weights, before training")
    cost: Cost | None = Field(None, description="of the trained network; of the untrained where none is")
    value: float | None = Field(None, description="the quantised network's metric on the validation subjects")
    value_float: float | None = Field(None, description="that of the float network before")
    test_value: float | None = Field(
        None, description="the quantised one's on the test subjects; chooses nothing"
    )
    run: str = Field("", description="run folder, within the sweep's")
    seconds: float = Field(0.0, ge=0)
    attempts: Count = 1


class Interval(Part):
    """An estimate with its 95 % interval; no interval where there is nothing to judge it by."""

    value: float
    low: float | None = None
    high: float | None = None


class Effect(Part):
    """What one option does, everything else being equal, by linear regression on all choices."""

    choice: str
    option: str
    against: str = Field(description="the option that it is compared with, or the range it runs over")
    metric: Interval | None = Field(None, description="difference in the metric")
    instructions: Interval | None = Field(None, description="difference as a share: 0.1 = 10 % more")
    flash_bytes: Interval | None = Field(None, description="difference as a share")


class Metric(Part):
    """What the sweep optimises."""

    name: str = "accuracy"
    higher_is_better: bool = True
    split: str = Field("validation", description="whose examples chose the points; a task may have its own")


class Budget(Part):
    """Limits of a candidate; 0 = none."""

    ram_bytes: Count = 0
    flash_bytes: Count = 0
    instructions: Count = 0


class SweepRecord(Part):
    """All points of a sweep, the frontier, and the effect of each choice."""

    schema_: Literal["edgekit.sweep/1"] = Field("edgekit.sweep/1", alias="schema")
    edgekit: str = Field(__version__, description="version that made the record")
    name: str = Field(description="of the space")
    title: str = ""
    recipe: str
    preset: str = ""
    synthetic: bool = Field(False, description="the data set is generated")
    notice: str = ""
    target: str
    core: str
    emulated: bool = True
    search: Literal["grid", "optuna"]
    metric: Metric = Metric()
    budget: Budget = Budget()
    max_metric_drop: float = Field(0.0, ge=0, description="how far below float it may fall")
    choices: dict[str, list[str]] = Field(description="options by choice, in the space's order")
    counts: dict[Status, Count]
    trials: list[Trial]
    frontier: list[int] = Field(description="numbers of the trials that no other beats, the cheapest first")
    effects: list[Effect] = Field([])
    seconds: float = Field(0.0, ge=0, description="of all trials together, one after the other")
    command: str = ""

    def trial(self, number: int) -> Trial:
        """Returns a trial by its number."""
        return next(trial for trial in self.trials if trial.number == number)

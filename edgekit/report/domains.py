"""`domains.json` (`edgekit.domains/1`): runs on the test subjects of several data sets, such as domains."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgekit.report.base import Part
from edgekit.report.parts import Count

MAX_RUNS = 100


class Judged(Part):
    """Test subjects that every run is scored on."""

    name: str
    run: str = Field(description="name of the run folder that they are the test split of")
    dataset: str
    options: dict[str, str] = Field({}, description="of the data set, by dotted name, as they were set")
    synthetic: bool
    examples: Count

    @property
    def heading(self) -> str:
        """Its name, with what must not be left unsaid."""
        return f"{self.name} (synthetic)" if self.synthetic else self.name


class DomainScore(Part):
    """How well a run does on one test set."""

    test: str = Field(description="name of the test set")
    value_float: float = Field(description="the task's metric of the float model")
    value_quantized: float = Field(description="that of the quantised model")
    counts_float: str = Field("", description="the float model's answers in whole numbers")
    counts_quantized: str = Field("", description="those of the quantised model")


class DomainRun(Part):
    """One run on every test set."""

    name: str
    run: str = Field(description="name of its run folder")
    dataset: str = Field("", description="that it has learnt from")
    options: dict[str, str] = Field({}, description="of that data set, by dotted name, as they were set")
    synthetic: bool = False
    start_from: str = Field("", description="run whose weights its training began with")
    train: Count = Field(description="examples that it was fitted to")
    validation: Count = Field(description="examples that chose its best epoch")
    scores: list[DomainScore] = Field(max_length=MAX_RUNS)


class DomainsRecord(Part):
    """Every run on every test set."""

    schema_: Literal["edgekit.domains/1"] = Field("edgekit.domains/1", alias="schema")
    metric: str
    higher_is_better: bool = True
    notice: str = Field("", description="shown with every result")
    tests: list[Judged] = Field(max_length=MAX_RUNS)
    runs: list[DomainRun] = Field(max_length=MAX_RUNS)
    command: str = ""


def columns(record: DomainsRecord) -> list[str]:
    """Returns the headings of the table."""
    parts = [
        f"{test.heading}{kind}" for test in record.tests for kind in (": float", ": quantised", ": counts")
    ]
    return ["run", "train + validation", *parts]


def rows(record: DomainsRecord) -> list[list[str]]:
    """Returns a run per row under `columns`; the counts are those of the quantised model."""
    made = []
    for run in record.runs:
        parts = [
            cell
            for score in run.scores
            for cell in (f"{score.value_float:.4f}", f"{score.value_quantized:.4f}", score.counts_quantized)
        ]
        made.append([run.name, f"{run.train:,} + {run.validation:,}", *parts])
    return made


def caption(record: DomainsRecord) -> str:
    """Returns what the table shows, in words."""
    tests = "; ".join(f"{test.heading}, {test.examples:,} examples" for test in record.tests)
    return f"{record.metric} on test subjects that no run has trained on: {tests}. Counts: quantised"


def markdown(record: DomainsRecord) -> str:
    """Returns the table as a Markdown file."""
    headings = columns(record)
    lines = ["# Runs across data sets", "", caption(record) + ".", ""]
    lines += ["| " + " | ".join(_plain(headings)) + " |", "|---|" + "--:|" * (len(headings) - 1)]
    lines += ["| " + " | ".join(_plain(row)) + " |" for row in rows(record)]
    return "\n".join(lines) + "\n"


def _plain(cells: list[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in cells]

"""`domains.html`: runs across data sets on one page that needs no network and no script."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from edgekit.report import page, text
from edgekit.report.blocks import Block, Cell, Columns, Commands, Group, Image, Prose, Table, Tile, data_uri
from edgekit.report.domains import DomainRun, DomainsRecord, Judged
from edgekit.report.sections.base import Rendered

_YES = {True: "yes", False: "no"}


def render(record: DomainsRecord, drawn: bytes, sheets: Mapping[str, bytes]) -> str:
    """Returns the page.

    Args:
        record: One run and one test set, or more. Its names may come from files that others made: all are
            escaped.
        drawn: Its picture, SVG.
        sheets: By name of the test set some of its pictures with boxes, PNG; none = not a detector.
    """
    named = f"{text.plural(len(record.runs), 'run')} on {text.plural(len(record.tests), 'test set')}"
    head = page.Head(
        kind="domains",
        name=record.metric,
        title=f"{text.heading(record.metric)} of {named}",
        notice=record.notice,
        synthetic=_synthetic(record),
        footer=record.notice,
    )
    sections = [
        Rendered("runs", "What is compared", _runs(record)),
        Rendered("scores", "Scores", _scores(record, drawn)),
        Rendered("pictures", "Pictures with boxes", _sheets(record, sheets)),
        Rendered("tests", "Test sets", _tests(record)),
    ]
    return page.render(head, tiles=_tiles(record), sections=[part for part in sections if part.blocks])


def _synthetic(record: DomainsRecord) -> str:
    """Returns what rests on synthetic data."""
    tests = [test.name for test in record.tests if test.synthetic]
    runs = [run.name for run in record.runs if run.synthetic]
    if len(tests) == len(record.tests) and len(runs) == len(record.runs):
        return "Synthetic data: all that the runs have learnt from, and every test set."
    parts = [f"{what} {'; '.join(names)}" for what, names in (("runs", runs), ("test sets", tests)) if names]
    return f"Synthetic data: {', '.join(parts)}." if parts else ""


def _tiles(record: DomainsRecord) -> list[Tile]:
    """Returns the best quantised network of each test set."""
    tiles = []
    for number, test in enumerate(record.tests):
        best = record.runs[_best(record, number)]
        score = best.scores[number]
        detail = ", ".join(filter(None, [best.name, score.counts_quantized]))
        tiles.append(Tile(f"Best on {test.heading}", f"{score.value_quantized:.4f}", detail))
    return tiles


def _best(record: DomainsRecord, number: int) -> int:
    values = [run.scores[number].value_quantized for run in record.runs]
    return values.index(max(values) if record.higher_is_better else min(values))


def _runs(record: DomainsRecord) -> list[Block]:
    names = {run.run: run.name for run in record.runs}
    shown = _differing(record)
    table = Table(
        "", ["run", "began with", "learnt from", "synthetic", "trained", "validated", "run folder"],
        [
            [
                run.name, _began(run, names), _data(run, shown), _YES[run.synthetic], f"{run.train:,}",
                f"{run.validation:,}", run.run,
            ]
            for run in record.runs
        ],
        text=True,
    )  # fmt: skip
    words = (
        "Every run, float and quantised, is scored on every test set. Trained and validated: examples that "
        "it was fitted to, and those that chose its best epoch."
    )
    return [Prose(words), table]


def _began(run: DomainRun, names: Mapping[str, str]) -> str:
    folder = Path(run.start_from).name
    return f"the weights of {names.get(folder, folder)}" if folder else "weights drawn by lot"


def _differing(record: DomainsRecord) -> set[str]:
    """Returns the options of data sets that are not the same everywhere."""
    given = [*(test.options for test in record.tests), *(run.options for run in record.runs)]
    keys = {key for options in given for key in options}
    return {key for key in keys if len({options.get(key) for options in given}) > 1}


def _data(part: Judged | DomainRun, shown: set[str]) -> str:
    """Returns the data set, with the options that tell it from the others."""
    options = ", ".join(f"{key} {value}" for key, value in part.options.items() if key in shown)
    return f"{part.dataset}: {options}" if options else part.dataset


def _scores(record: DomainsRecord, drawn: bytes) -> list[Block]:
    words = (
        f"{record.metric} on test examples that no run has seen. Counts are those of the quantised networks; "
        "green is the best of these."
    )
    tests = ", ".join(test.heading for test in record.tests)
    alt = f"{record.metric} of every run on {tests}; the tables above have the numbers"
    tables = [_table(record, number) for number in range(len(record.tests))]
    return [Prose(words), Columns(tables), Image(data_uri(drawn), alt, "")]


def _table(record: DomainsRecord, number: int) -> Table:
    """Returns every run on one test set."""
    test, best = record.tests[number], record.runs[_best(record, number)]
    rows: list[list[str | Cell]] = []
    for run in record.runs:
        score = run.scores[number]
        value = Cell(f"{score.value_quantized:.4f}", "good" if run is best else "")
        rows.append([run.name, f"{score.value_float:.4f}", value, score.counts_quantized])
    caption = f"{test.heading}: {text.plural(test.examples, 'example')}"
    return Table(caption, ["run", "float", "quantised", "counts"], rows)


def _sheets(record: DomainsRecord, sheets: Mapping[str, bytes]) -> list[Block]:
    alt = "pictures with true boxes and those of every run"
    blocks: list[Block] = [
        Group(test.heading, [Image(data_uri(sheets[test.name]), f"{test.heading}: {alt}", "")])
        for test in record.tests
        if test.name in sheets
    ]
    if not blocks:
        return []
    words = (
        "The first pictures of each test set in which there is something to find, chosen by nothing else: "
        "what is there, and what the quantised network of each run names. The number beside a box is its "
        "coverage; grey boxes count neither way."
    )
    return [Prose(words), *blocks]


def _tests(record: DomainsRecord) -> list[Block]:
    shown = _differing(record)
    table = Table(
        "", ["test set", "data", "synthetic", "examples", "test split of"],
        [
            [test.name, _data(test, shown), _YES[test.synthetic], f"{test.examples:,}", test.run]
            for test in record.tests
        ],
        text=True,
    )  # fmt: skip
    words = (
        "No example of a test set has trained, chosen or calibrated any of the runs, or one that they began "
        "with: all are compared by content before anything is scored."
    )
    return [Prose(words), table, Commands("Repeat", [record.command])]

"""A sweep from its first point to its pages."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from edgekit import console, files
from edgekit.device import boards
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.pipeline import data
from edgekit.pipeline.sweep import pages, results, trial
from edgekit.pipeline.sweep import space as spaces
from edgekit.pipeline.sweep.folder import Plan, SweepFolder
from edgekit.pipeline.sweep.search import Grid, OptunaSearch, Search
from edgekit.pipeline.sweep.space import Point
from edgekit.pipeline.sweep.workers import Ended, Job, Resources, Work, workers
from edgekit.pipeline.train import resolve
from edgekit.report import text
from edgekit.report.sweep import SweepRecord, Trial

DEFAULT_TRIALS = 50


def plan(
    recipe: str,
    space: str,
    target: str,
    *,
    preset: str = "",
    settings: Sequence[str] = (),
    search: Literal["grid", "optuna"] = "grid",
    seed: int = 0,
) -> Plan:
    """Returns what a sweep is asked for, all of it checked.

    Args:
        recipe: Registry key, or path of a recipe's file.
        space: Name of a space, or path of its file.
        target: Emulated board that candidates are counted on.
        preset, settings: Overrides of the recipe, for every point.
        search: The whole grid, or Optuna.
        seed: Of the search.

    Raises:
        InputError: Unknown names or keys, or values that the recipe refuses; those of one input at once.
    """
    if not boards.load(target).emulated:
        raise InputError(
            where=f"--target {target}", what="counts no instructions", expected="an emulated board",
            hint="choose one with the same core from `edgekit boards`",
        )  # fmt: skip
    declared = resolve(recipe, preset, settings)
    loaded, name = spaces.load(space)
    spaces.check(loaded, declared, space)
    if search == "grid":
        next(spaces.grid(loaded))  # says what is wrong with it
    plain = declared.model_copy(update={"presets": {}})
    return Plan(name=name, preset=preset, target=target, search=search, seed=seed, recipe=plain, space=loaded)


def run(
    folder: SweepFolder,
    resources: Resources,
    *,
    trials: int = 0,
    data_dir: Path | None = None,
    work: Work = trial.run,
) -> SweepRecord:
    """Runs the points of a sweep that are not finished, and writes its results.

    Args:
        folder: What `SweepFolder.create` returned.
        resources: Where trials run.
        trials: Points in all; 0 = the whole grid, or a default for a search.
        data_dir: Folder of the data set's files, for data sets that are read from disk.
        work: What runs in a worker.

    Returns:
        The record. Points that failed are in it; they run again when the sweep does.

    Raises:
        EnvironmentFailed: Ray does not start, or the disk refused.
    """
    asked = folder.plan
    search, total = _search(folder, asked, trials)
    known = folder.finished()
    if known:
        console.say(f"{len(known)} of {total} points are finished already: they are kept")
    with _alone(folder):
        try:
            if len(known) < total:
                _all(folder, search, resources, known, total, data_dir, work)
        finally:
            found = results.record(folder, [results.judged(t, asked) for t in known.values()])
            files.write_json(folder.results, found.to_json())
            results.write_csv(found, folder)
        pages.write(found, folder)
    results.show(found)
    console.say(f"sweep: {folder.path}", "bold")
    return found


def _search(folder: SweepFolder, asked: Plan, trials: int) -> tuple[Search, int]:
    if asked.search == "grid":
        size = asked.space.grid_size
        return Grid(asked.space, folder, trials or size), min(trials or size, size)
    total = trials or DEFAULT_TRIALS
    better = results.metric(asked).higher_is_better
    return OptunaSearch(asked.space, folder, total, asked.seed, higher_is_better=better), total


def _all(
    folder: SweepFolder,
    search: Search,
    resources: Resources,
    known: dict[int, Trial],
    total: int,
    data_dir: Path | None,
    work: Work,
) -> None:
    """Keeps the workers busy until there are no more points; adds what became of each to `known`."""
    asked = folder.plan
    points: dict[int, Point] = {}
    queue = _Queue(search.open(), search.lookahead, asked)
    left = _Left(total - len(known))
    with workers(resources, work) as pool, console.progress("Sweep", total) as advance:
        for _ in known:
            advance()
        while True:
            while pool.free > 0 and (got := queue.take()):
                number, point = got
                points[number] = point
                job = _job(folder, number, point, asked, data_dir)
                pool.submit({**job, "gpus": resources.gpus})
            if not pool.busy:
                return
            for ended in pool.wait():
                made = results.judged(_trial(ended, points[ended.job["number"]]), asked)
                queue.ended(made.number)
                folder.keep(made)
                search.tell(made)
                known[made.number] = made
                advance()
                left.say(made, len(known), total)


class _Queue:
    """The points to come; of those that begin with the same training one runs at a time.

    Points that differ in compression alone share the run that is compressed.

    Args:
        points: With their numbers.
        lookahead: How many may be looked at before one of them is taken.
        asked: Of the sweep.
    """

    def __init__(self, points: Iterator[tuple[int, Point]], lookahead: int, asked: Plan) -> None:
        self._points, self._lookahead, self._asked = points, lookahead, asked
        self._waiting: list[tuple[int, Point, str]] = []
        self._running: dict[int, str] = {}

    def take(self) -> tuple[int, Point] | None:
        """Returns a point that may start now; None where there is none."""
        while len(self._waiting) < self._lookahead and (found := next(self._points, None)):
            recipe = spaces.checked(self._asked.recipe, found[1])
            self._waiting.append((*found, recipe.model_copy(update={"compress": []}).model_dump_json()))
        for item in self._waiting:
            number, point, trained = item
            if trained not in self._running.values():
                self._waiting.remove(item)
                self._running[number] = trained
                return number, point
        return None

    def ended(self, number: int) -> None:
        """Takes note that a point has ended."""
        del self._running[number]


def _job(folder: SweepFolder, number: int, point: Point, asked: Plan, data_dir: Path | None) -> Job:
    shared = folder.data(spaces.checked(asked.recipe, point))
    data.prepare(shared, data_dir)
    paths = {"folder": str(folder.path.resolve()), "data": str(shared.path.resolve())}
    return {**paths, "number": number, "settings": [*point.settings]}


def _trial(ended: Ended, point: Point) -> Trial:
    found = ended.result or {"status": "failed", "reason": ended.reason}
    return Trial(
        number=ended.job["number"],
        point=point.labels,
        settings=[*point.settings],
        attempts=ended.attempts,
        **found,
    )


class _Left:
    """Says after each trial what it found and how much time is left."""

    def __init__(self, trials: int) -> None:
        self._begin, self._trials, self._ended = time.monotonic(), trials, 0

    def say(self, made: Trial, done: int, total: int) -> None:
        """Prints one line.

        Args:
            made: The trial that ended.
            done, total: Trials that ended, also in earlier starts of the sweep, and all.
        """
        self._ended += 1
        spent = time.monotonic() - self._begin
        rest = spent / self._ended * max(0, self._trials - self._ended)
        found = made.reason if made.value is None else f"{made.value:.4f}"
        if made.cost is not None:
            found += f", {made.cost.instructions:,} instructions"
        choices = " ".join(f"{key.rpartition('.')[2]}={label}" for key, label in made.point.items())
        later = f"; about {text.seconds(rest)} left" if done < total else ""
        line = f"{done} of {total}: trial {made.number} ({choices}) {made.status}: {found}{later}"
        (console.warn if made.status == "failed" else console.say)(line)


@contextmanager
def _alone(folder: SweepFolder) -> Iterator[None]:
    """Keeps a second sweep out of the same folder."""
    path = folder.path / ".lock"
    try:
        file = path.open("w")
    except OSError as error:
        raise EnvironmentFailed(where=str(path), what=f"cannot be written: {error.strerror}") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(
                where=str(folder.path), what="is being swept already", hint="wait for it, or stop it"
            ) from error
        yield

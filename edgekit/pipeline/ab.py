"""`edgekit ab`: which of two firmwares is faster on one board, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files, manifest
from edgekit.device import boards
from edgekit.device.boards import Board
from edgekit.device.build import Built
from edgekit.device.flash import flash
from edgekit.errors import InputError, Problem
from edgekit.hil import experiment, jackknife
from edgekit.hil import run as hil
from edgekit.hil.session import Session
from edgekit.manifest import Manifest
from edgekit.pipeline import build, vectors
from edgekit.pipeline.run_folder import command_line
from edgekit.pipeline.validate import Source
from edgekit.report import ab as record
from edgekit.report.ab import AbRecord
from edgekit.report.parts import VectorSource

MOST_VECTORS = 64  # of a file; more only make blocks longer
_NOISELESS = "An emulated counter has no noise: the difference is exact, and the interval says nothing more."
_REFLASHED = "One board, flashed again for every block."
_TWO_BOARDS = (
    "Two boards: what one of them does differently is part of the difference; an A/A run shows how much."
)


@dataclass(frozen=True)
class Plan:
    """How to measure.

    Args:
        blocks: Passes over both firmwares.
        seed: Of the order, and of random vectors.
        source: The vectors.
        ports: None, one (one board, flashed for every block), or two (a board each).
        level: Of the confidence interval.
        timeout: Seconds without progress after which every wait ends.
    """

    blocks: int = 30
    seed: int = 0
    source: Source = field(default_factory=Source)
    ports: tuple[str, ...] = ()
    level: float = 0.95
    timeout: float = 20.0


def compare(a: Path, b: Path, target: str, plan: Plan) -> AbRecord:
    """Measures two exports on one board, beside each other and in random order.

    Args:
        a, b: What `edgekit export` wrote; the same folder twice is an A/A run.
        target: A board's key or path.
        plan: How to measure.

    Returns:
        The record, also written to `<b>/ab/<board>.json`.

    Raises:
        InputError: The two take different inputs, or the plan does not fit the board.
        EnvironmentFailed: Nothing was measured: tool, board or link failed.
    """
    board = boards.load(target)
    exports = [manifest.load(folder) for folder in (a, b)]
    _check(exports, board, plan)
    given, source = _vectors(a, exports[0], plan)
    built = [build.make(folder, target) for folder in (a, b)]
    packed = hil.pack_inputs(exports[0].inputs, given.inputs)
    with ExitStack() as stack, console.progress(f"Blocks on {board.key}", plan.blocks) as advance:
        arms = _arms(built, board, plan, stack)
        apart = len(plan.ports) == 1
        measured = experiment.run(arms, packed, plan.blocks, plan.seed, apart=apart, on_block=advance)
    made = _record((a, b), exports, built, board, plan, given, source, measured)
    files.write_json(b / "ab" / f"{board.key}.json", made.to_json())
    return made


def show(made: AbRecord) -> None:
    """Prints what was measured."""
    table = console.table(f"{made.board}, {len(made.per_block)} blocks", ["", "what", f"median {made.unit}"])
    for name, arm in (("A", made.a), ("B", made.b)):
        what = f"{arm.folder}  ({arm.engine}, {arm.numerics}, {arm.optimize})"
        table.add_row(name, what, f"{arm.median:,}")
    console.stdout().print(table)
    console.stdout().print(record.sentence(made))
    if made.note:
        console.say(made.note)
    if made.differing_vectors:
        console.warn(f"the outputs of A and B differ on {made.differing_vectors} of {made.vectors} vectors")


def _check(exports: list[Manifest], board: Board, plan: Plan) -> None:
    shapes = [[(t.dtype, list(t.shape)) for t in exported.inputs] for exported in exports]
    problems = []
    if shapes[0] != shapes[1]:
        problems.append(
            Problem("DIR_B", "takes other inputs than DIR_A", expected=str(shapes[0]), found=str(shapes[1]))
        )
    if plan.blocks < jackknife.LEAST_BLOCKS:
        problems.append(
            Problem("--blocks", "are too few", f"at least {jackknife.LEAST_BLOCKS}", str(plan.blocks))
        )
    if not (board.emulated or board.is_host or plan.ports):
        problems.append(
            Problem(
                board.key,
                "runs on hardware only",
                expected="--port PORT (one board, flashed for every block) or --port PORT_A,PORT_B",
            )
        )
    if len(plan.ports) > 2 or len(set(plan.ports)) < len(plan.ports):
        problems.append(Problem("--port", "names no two boards", "one or two ports", ", ".join(plan.ports)))
    if problems:
        raise InputError(problems)


def _vectors(folder: Path, exported: Manifest, plan: Plan) -> tuple[vectors.Vectors, VectorSource]:
    source = plan.source
    own = folder / exported.vectors if exported.vectors else None
    path = source.file or (None if source.random else own)
    if path is None:
        count = source.random or 16
        return vectors.random(exported.inputs, count, source.seed), VectorSource(
            kind="random", seed=source.seed
        )
    loaded = vectors.load(path, exported.inputs, limit=MOST_VECTORS)
    return loaded, VectorSource(kind="file", path=str(path), sha256=files.sha256(path))


def _arms(
    built: list[Built], board: Board, plan: Plan, stack: ExitStack
) -> tuple[experiment.Arm, experiment.Arm]:
    if len(plan.ports) == 1:
        return lambda: _flashed(built[0], board, plan), lambda: _flashed(built[1], board, plan)
    if board.is_host:
        return lambda: _started(built[0], board, plan), lambda: _started(built[1], board, plan)
    sessions = []
    for each, port in zip(built, plan.ports or (None, None), strict=True):
        if port:
            flash(each.elf, board)
        sessions.append(stack.enter_context(hil.connect(each, board, port=port, deadline=plan.timeout)))
    return lambda: _open(sessions[0]), lambda: _open(sessions[1])


@contextmanager
def _open(session: Session) -> Iterator[Session]:
    yield session


def _started(built: Built, board: Board, plan: Plan) -> AbstractContextManager[Session]:
    return hil.connect(built, board, deadline=plan.timeout)


def _flashed(built: Built, board: Board, plan: Plan) -> AbstractContextManager[Session]:
    flash(built.elf, board)
    return hil.connect(built, board, port=plan.ports[0], deadline=plan.timeout)


def _groups(exported: Manifest, given: vectors.Vectors) -> tuple[NDArray[np.int64], list[str]]:
    """Returns the group of each vector, and the groups' names: classes, else all vectors together."""
    if given.labels is None:
        return np.zeros(given.count, np.int64), ["all"]
    present = np.unique(given.labels)
    names = [
        exported.labels[i] if 0 <= i < len(exported.labels) else f"class {i}"
        for i in (int(label) for label in present)
    ]
    return np.searchsorted(present, given.labels).astype(np.int64), names


def _record(
    folders: tuple[Path, Path],
    exports: list[Manifest],
    built: list[Built],
    board: Board,
    plan: Plan,
    given: vectors.Vectors,
    source: VectorSource,
    measured: experiment.Measured,
) -> AbRecord:
    groups, names = _groups(exports[0], given)
    times, weights = experiment.by_group(measured.ticks, groups)
    found = jackknife.difference(times[:, 0], times[:, 1], weights, plan.level)
    emulated = board.emulated and not plan.ports
    notes = [_NOISELESS] * emulated + [_REFLASHED, _TWO_BOARDS][len(plan.ports) - 1 :][: bool(plan.ports)]

    def arm(i: int) -> record.Arm:
        return record.Arm(
            folder=str(folders[i]),
            name=exports[i].name,
            engine=exports[i].engine,
            numerics=exports[i].numerics,
            optimize=exports[i].optimize,
            model_sha256=exports[i].model.sha256,
            firmware_sha256=files.sha256(built[i].elf),
            compiler=built[i].compiler,
            port=plan.ports[i % len(plan.ports)] if plan.ports else "",
            median=int(np.percentile(measured.ticks[:, i], 50, method="inverted_cdf")),
        )

    return AbRecord(
        board=board.key,
        emulated=emulated,
        unit=cast(Literal["instructions", "cycles", "ns"], measured.units[0]),
        a=arm(0),
        b=arm(1),
        difference=record.Difference(
            value=found.value,
            low=found.low,
            high=found.high,
            level=found.level,
            standard_error=found.standard_error,
            method=jackknife.METHOD,
        ),
        groups=names,
        source=source,
        vectors=given.count,
        differing_vectors=len(measured.differing),
        seed=plan.seed,
        first=["".join("ab"[i] for i in turns) for turns in measured.first],
        per_block=[(float(x), float(y)) for x, y in zip(*(times @ weights).T, strict=True)],
        note=" ".join(notes),
        command=command_line(),
    )

"""Stage 6: the board beside the PC reference, vector by vector."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgekit import console, files, manifest, reference
from edgekit.device import boards
from edgekit.device.boards import Board
from edgekit.errors import EdgekitError, InputError
from edgekit.hil import ports
from edgekit.hil import run as hil
from edgekit.hil.compare import compare
from edgekit.hil.journal import Journal
from edgekit.hil.messages import Result
from edgekit.hil.picture_run import run_pictures
from edgekit.manifest import Manifest
from edgekit.pipeline import (
    agreement,
    build,
    departures,
    export,
    measured,
    profiling,
    tracing,
    vectors,
)
from edgekit.pipeline.model_file import ModelFile, read_chain
from edgekit.pipeline.run_folder import command_line
from edgekit.pipeline.task import task
from edgekit.reference import ReferenceResult
from edgekit.report.parts import PreprocCheck, Reference, Trace, VectorSource
from edgekit.report.record import HilRecord, dump_hil


@dataclass(frozen=True)
class Source:
    """Which vectors to run.

    Args:
        file: An .npz; None = the export's own.
        random: So many random ones instead.
        seed: Of the random ones.
        examples: The first so many vectors, of a run test examples; 0 = all, None = those of an export, or as
            many as an export takes of itself.
    """

    file: Path | None = None
    random: int = 0
    seed: int = 0
    examples: int | None = None


def validate(
    given: Path,
    targets: Sequence[str],
    source: Source,
    *,
    port: str = "",
    timeout: float = 20.0,
    pipelined: bool = True,
    profile: bool = False,
    trace: bool = False,
    resume: bool = False,
) -> list[HilRecord]:
    """Runs vectors on boards and compares every output element with the PC reference.

    Args:
        given: An exported folder; or a model (.tflite or run folder), which is exported for each target.
        targets: Boards, by key or path.
        source: The vectors.
        port: Serial port of a real board; "" starts the emulator or the host process.
        timeout: Seconds without progress after which every wait ends.
        pipelined: Whether the next vector travels while the board computes.
        profile: Whether to tell the cost of each node, too.
        trace: Whether to tell the first node that departs, in the first vector that differs, or in the first.
        resume: Whether to go on with a run of an exported folder that was cut.

    Returns:
        One record per target, also written to `<export>/hil/<board>.json`.

    Raises:
        EdgekitError: The only target failed; the error carries its record.
    """
    _check(Path(given), targets, source, port, resume)
    if port and profile and trace:
        raise InputError(where="--trace", what="and --profile need different firmware on the board")
    line = _Line(port, timeout, pipelined, profile, trace, resume)
    if len(targets) == 1:
        return [_record(Path(given), targets[0], source, line, alone=True)]
    with ThreadPoolExecutor(max_workers=min(len(targets), os.cpu_count() or 1)) as workers:
        return list(workers.map(lambda target: _record(Path(given), target, source, line), targets))


def _record(given: Path, target: str, source: Source, line: _Line, *, alone: bool = False) -> HilRecord:
    attempt = _Attempt({"board": target, "emulated": False, "target": target, "command": command_line()})
    try:
        return _on_board(given, target, source, line, attempt)
    except EdgekitError as error:
        failed = HilRecord.failed(error, **attempt.known)
        if not isinstance(error, InputError):
            attempt.save(failed)
        if alone:
            error.record = dump_hil([failed])
            raise
        return failed


class _References:
    """What the PC computes, once for all boards that run the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str, str], ReferenceResult] = {}

    def of(self, model: bytes, exported: Manifest, inputs: Mapping[str, NDArray[Any]]) -> ReferenceResult:
        digest = files.sha256_of(one.tobytes() for t in exported.inputs for one in inputs[t.name])
        key = exported.model.sha256, exported.numerics, digest
        with self._lock:
            if key not in self._known:
                with console.status("Computing the PC reference"):
                    self._known[key] = reference.run(
                        model,
                        inputs,
                        exported.numerics,
                        state="carried",
                        input_names=[tensor.name for tensor in exported.inputs],
                        output_names=[tensor.name for tensor in exported.outputs],
                    )
            return self._known[key]


@dataclass(frozen=True)
class _Line:
    """How the boards are spoken to; see `validate`."""

    port: str
    timeout: float
    pipelined: bool
    profile: bool
    trace: bool
    resume: bool
    references: _References = field(default_factory=_References)


@dataclass
class _Attempt:
    """What is known of a run so far, for the record of one that fails."""

    known: dict[str, Any]
    folder: Path | None = None

    def save(self, record: HilRecord) -> None:
        if self.folder is not None:
            files.write_json(self.folder / "hil" / f"{record.board}.json", dump_hil([record]))


def _check(given: Path, targets: Sequence[str], source: Source, port: str, resume: bool) -> None:
    if source.file and source.random:
        raise InputError(where="--random", what="and --vectors exclude each other")
    if source.random and source.examples is not None:
        raise InputError(
            where="--examples", what="is of vectors that there are; --random says how many it makes"
        )
    if port and len(targets) > 1:
        raise InputError(where="--port", what="belongs to one board", found=", ".join(targets))
    if resume and given.is_file():
        raise InputError(
            where="--resume",
            what="needs an exported folder, where results are kept",
            hint="edgekit export MODEL",
        )


def _on_board(given: Path, target: str, source: Source, line: _Line, attempt: _Attempt) -> HilRecord:
    board = boards.load(target)
    attempt.known |= {
        "board": board.key,
        "core": board.core.name,
        "emulated": board.emulated and not line.port,
    }
    if (given / manifest.FILE_NAME).is_file():
        return _export_on_board(given, board, source, line, attempt)
    if not given.is_file() and not (given / "config.yaml").is_file():
        manifest.load(given)  # says what an export would be
    model = ModelFile.open(given)
    examples = export.EXAMPLES if source.examples is None else source.examples
    if model.run:
        folder = model.run.export(board.key)
        export.write(export.build_export(model, board, examples=examples), folder)
        return _export_on_board(folder, board, source, line, attempt)
    with tempfile.TemporaryDirectory(prefix="edgekit-hil-") as name:
        folder = Path(name) / model.identifier
        export.write(export.build_export(model, board), folder)
        return _export_on_board(folder, board, source, line, attempt)


def _export_on_board(folder: Path, board: Board, source: Source, line: _Line, attempt: _Attempt) -> HilRecord:
    exported = manifest.load(folder)
    attempt.folder = folder
    known = attempt.known
    known |= {
        "name": exported.name,
        "engine": exported.engine,
        "numerics": exported.numerics,
        "optimize": exported.optimize,
        "model_sha256": exported.model.sha256,
    }
    given, where = _vectors(folder, exported, source)
    known |= {"source": where, "requested_vectors": given.count}
    model = folder / exported.model.file
    if files.sha256(model) != exported.model.sha256:
        raise InputError(where=str(model), what="is not the model that was exported", hint="export again")
    expected = line.references.of(model.read_bytes(), exported, given.inputs)
    known["reference"] = Reference(runtime=f"{expected.runtime} {expected.version}", kernels=expected.kernels)
    built = build.make(folder, board.key if board.key in boards.keys() else known["target"])
    known |= measured.firmware(built)
    line = replace(line, port=ports.resolve(board, line.port or None) or "")
    packed = hil.pack_inputs(exported.inputs, given.inputs)
    journal = _journal(folder, board, exported, packed, known, line)
    with _kept(journal, given.count), console.progress(f"Vectors on {board.key}", given.count) as advance:

        def keep(result: Result) -> None:
            journal.add(result)
            advance()

        have = dict(journal.results)
        for _ in have:
            advance()
        with hil.connect(built, board, port=line.port or None, deadline=line.timeout) as session:
            if line.profile and line.port:
                session.profile()  # refused here rather than after the run
            if line.trace and line.port:
                session.tracing(packed).supported()
            results = session.run(packed, have=have, on_result=keep, pipelined=line.pipelined)
            ran = hil.outcome(session, results)
            if line.profile and line.port:
                known["profile"] = profiling.nodes(exported, session.profile())
            signal = pictures = None
            if given.signal is not None and exported.preproc is not None:
                signal = hil.run_signal(session, given.signal)
            if given.frames is not None and exported.camera is not None:
                shots = [frame.tobytes() for frame in given.frames]
                pictures = run_pictures(session, shots, pipelined=line.pipelined)
    compared = compare(ran.outputs, _named(expected, exported))
    known |= agreement.outputs(compared)
    known |= measured.run(ran, built)
    if line.profile and not line.port:
        known["profile"] = profiling.profile(folder, board, known["target"], results, packed, line.timeout)
    checked = agreement.preprocessing(folder, exported, given.signal, signal)
    if line.trace:
        case = tracing.Case(
            folder,
            board,
            known["target"],
            line.port,
            exported,
            given.inputs,
            packed,
            results,
            compared.per_vector,
            line.timeout,
            measured.stack(ran, board),
        )
        known["trace"] = _trace(case, given.signal, signal, checked)
    seen = agreement.pictures(
        folder, board.key, exported, given, pictures,
        lambda inputs: line.references.of(model.read_bytes(), exported, inputs).outputs,
    )  # fmt: skip
    held = compared.equal and all(check is None or check.held for check in (checked, seen))
    record = HilRecord(
        **known,
        status="held" if held else "mismatch",
        exit_status=0 if held else 1,
        task=task(exported, given, ran.outputs, expected.outputs),
        preproc=checked,
        preproc_cost=measured.preproc(signal, built),
        pictures=seen,
        **measured.pictures(pictures, built),
        state="carried" if exported.stateful else "reset",
    )
    attempt.save(record)
    journal.remove()
    return record


@contextmanager
def _kept(journal: Journal, count: int) -> Iterator[None]:
    """Closes a journal, and says what it keeps where the run fails."""
    try:
        yield
    except BaseException:
        if journal.results:
            console.say(f"{len(journal.results)} of {count} results are kept: --resume goes on from there")
        raise
    finally:
        journal.close()


def _journal(
    folder: Path, board: Board, exported: Manifest, packed: hil.Packed, known: dict[str, Any], line: _Line
) -> Journal:
    facts = {
        "model": exported.model.sha256,
        "firmware": known["firmware_sha256"],
        "vectors": files.sha256_of(packed),
    }
    output_bytes = sum(t.elements * np.dtype(t.dtype).itemsize for t in exported.outputs)
    path = folder / "hil" / f"{board.key}.unfinished"
    return Journal(path, facts, output_bytes, resume=line.resume)


def _vectors(folder: Path, exported: Manifest, source: Source) -> tuple[vectors.Vectors, VectorSource]:
    own = folder / exported.vectors if exported.vectors else None
    if source.random:
        made = vectors.random(exported.inputs, source.random, source.seed)
        if own and exported.preproc:
            kept = vectors.load(own, exported.inputs)
            made = vectors.Vectors(made.inputs, signal=kept.signal)
        return made, VectorSource(kind="random", seed=source.seed)
    path = source.file or own
    if path is None:
        raise InputError(where=str(folder), what="holds no vectors", hint="--random N, or --vectors FILE.npz")
    given = vectors.load(path, exported.inputs, source.examples or 0)
    there = given.of if source.file else max(given.of, exported.test_examples)
    wanted = there if source.examples == 0 else min(there, source.examples or 0)
    if wanted > given.count:
        raise InputError(
            where="--examples",
            what=f"the export holds {given.of:,} of {there:,} test examples",
            found=str(source.examples),
            hint=f"edgekit export RUN --examples {source.examples}, or give the run itself",
        )
    return given, VectorSource(
        kind="file",
        path=path.name,
        sha256=files.sha256(path),
        of=there if there > given.count else 0,
    )


def _named(expected: ReferenceResult, exported: Manifest) -> dict[str, NDArray[Any]]:
    return {tensor.name[:63]: expected.outputs[tensor.name] for tensor in exported.outputs}


def _trace(
    case: tracing.Case,
    signal: NDArray[np.float32] | None,
    got: hil.SignalOutcome | None,
    checked: PreprocCheck | None,
) -> Trace:
    """Returns where the board departs; where it is the preprocessing alone, that."""
    if signal is None or got is None or checked is None or checked.held or case.differs:
        return tracing.trace(case)
    frames, _ = read_chain(case.folder / export.CHAIN_FILE).frames(signal)
    return departures.preprocessing(frames, got.frames, case.exported)

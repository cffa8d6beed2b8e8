"""What a run's quantised network costs on a board: compiled, built, and run where the board is emulated."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from edgekit import console, files
from edgekit.device import boards
from edgekit.errors import CheckFailed
from edgekit.pipeline import build, export, measured
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.run_folder import RunFolder
from edgekit.pipeline.validate import Source, validate
from edgekit.report.base import load_json
from edgekit.report.verdict import flash_bytes, ram_bytes

_VECTORS = 3  # the first inference and two that follow it
_SECONDS = 600.0  # without progress; a large network takes QEMU a while


@dataclass(frozen=True, slots=True)
class Cost:
    """Costs of one inference; RAM and flash are those of the whole firmware.

    Args:
        model_sha256: What was measured.
        code_bytes, ram_bytes, flash_bytes: None where the firmware does not fit the board.
        instructions: Median; None where the board is not emulated, or the firmware does not fit.
    """

    model_sha256: str
    macs: int
    arena_bytes: int
    code_bytes: int | None
    weights_bytes: int
    ram_bytes: int | None
    flash_bytes: int | None
    instructions: int | None = None


def of_run(run: RunFolder, target: str, *, must_fit: bool = True) -> Cost:
    """Returns what a run costs on a board; kept in the run folder for as long as the model is the same.

    Args:
        run: A quantised run.
        target: A board by key or path. An emulated one tells instructions; for another the network is built.
        must_fit: Whether a network that does not fit the board is refused; else what the compiler says of it
            is all that is told.

    Raises:
        CheckFailed: The board departs from the PC reference, so its figures mean nothing.
        EnvironmentFailed: A tool is missing, or failed.
    """
    board = boards.load(target)
    model = ModelFile.open(run.path)
    path = run.path / "cost" / f"{board.key}.json"
    if path.is_file():
        known = load_json(path)
        if isinstance(known, dict) and known.get("model_sha256") == files.sha256(model.data):
            cost = Cost(**known)
            if cost.ram_bytes is not None or not must_fit:
                return cost
    cost = measure(model, target, run.export(board.key), must_fit=must_fit)
    files.write_json(path, asdict(cost))
    return cost


def measure(model: ModelFile, target: str, folder: Path, *, must_fit: bool = True) -> Cost:
    """Exports a model, builds it and runs it where the board is emulated.

    Args:
        model: Quantised.
        target: A board by key or path.
        folder: Where the export goes.
        must_fit: As `of_run`.

    Raises:
        CheckFailed: The board departs from the PC reference, or a memory of it is too small.
        EnvironmentFailed: A tool is missing, or failed.
    """
    board = boards.load(target)
    made = export.build_export(model, board)
    export.write(made, folder)
    digest, manifest = files.sha256(model.data), made.manifest
    try:
        built = build.make(folder, target)
    except CheckFailed as error:
        if must_fit:
            raise
        console.say(f"{error.problems[0].where}: {error.problems[0].what}; not run")
        return Cost(digest, manifest.macs, manifest.arena_bytes, None, manifest.weights_bytes, None, None)
    instructions = None
    if board.emulated:
        (record,) = validate(folder, [target], Source(random=_VECTORS), timeout=_SECONDS)
        if record.status != "held" or record.timer is None or record.memory is None:
            raise CheckFailed(where=f"{model.path} on {board.key}", what="departs from the PC reference")
        memory = record.memory
        instructions = record.timer.median if record.timer.unit == "instructions" else None
    else:
        memory = measured.memory(built, stack_bytes=None)
    return Cost(
        digest, manifest.macs, memory.arena_bytes, memory.code_bytes,
        memory.weights_bytes, ram_bytes(memory), flash_bytes(memory), instructions,
    )  # fmt: skip

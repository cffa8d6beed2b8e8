"""What a run's quantised network costs on a board: compiled, built, and run where the board is emulated."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from edgekit import files
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
        instructions: Median; None where the board is not emulated.
    """

    model_sha256: str
    macs: int
    arena_bytes: int
    code_bytes: int
    weights_bytes: int
    ram_bytes: int
    flash_bytes: int
    instructions: int | None = None


def of_run(run: RunFolder, target: str) -> Cost:
    """Returns what a run costs on a board; kept in the run folder for as long as the model is the same.

    Args:
        run: A quantised run.
        target: A board by key or path. An emulated one tells instructions; for another the network is built.

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
            return Cost(**known)
    cost = measure(model, target, run.export(board.key))
    files.write_json(path, asdict(cost))
    return cost


def measure(model: ModelFile, target: str, folder: Path) -> Cost:
    """Exports a model, builds it and runs it where the board is emulated.

    Args:
        model: Quantised.
        target: A board by key or path.
        folder: Where the export goes.

    Raises:
        CheckFailed: The board departs from the PC reference, or a memory of it is too small.
        EnvironmentFailed: A tool is missing, or failed.
    """
    board = boards.load(target)
    made = export.build_export(model, board)
    export.write(made, folder)
    instructions = None
    if board.emulated:
        (record,) = validate(folder, [target], Source(random=_VECTORS), timeout=_SECONDS)
        if record.status != "held" or record.timer is None or record.memory is None:
            raise CheckFailed(where=f"{model.path} on {board.key}", what="departs from the PC reference")
        memory = record.memory
        instructions = record.timer.median if record.timer.unit == "instructions" else None
    else:
        memory = measured.memory(build.make(folder, target), stack_bytes=None)
    return Cost(
        files.sha256(model.data), made.manifest.macs, memory.arena_bytes, memory.code_bytes,
        memory.weights_bytes, ram_bytes(memory), flash_bytes(memory), instructions,
    )  # fmt: skip

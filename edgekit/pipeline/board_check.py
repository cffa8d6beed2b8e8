"""`edgekit boards --check`: whether every board still builds."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from edgekit import console
from edgekit.device import boards, size
from edgekit.device.boards import Board
from edgekit.device.build import build
from edgekit.errors import EdgekitError, ExitStatus
from edgekit.pipeline import export
from edgekit.pipeline.model_file import ModelFile
from edgekit.reference.probes import FOLDER

_MODEL = FOLDER / "conv_2d.tflite"  # one small convolution, which fits every board


@dataclass(frozen=True)
class Checked:
    """What became of one board.

    Args:
        board: Its key.
        status: 0 built; 1 does not fit; 2 its file is wrong; 3 a tool is absent or failed.
        error: Why it was not built.
        memory: (memory, bytes used, bytes there, share) of the image, as text.
        unverified: Facts in its file for which nobody has opened a source.
    """

    board: str
    status: int
    error: str
    memory: list[tuple[str, str, str, str]]
    unverified: list[str]


def check(keys: Sequence[str]) -> list[Checked]:
    """Builds the validation firmware around a small model for each board.

    Args:
        keys: Of the boards; none = all.
    """
    with tempfile.TemporaryDirectory(prefix="edgekit-boards-") as name:
        chosen = list(keys or boards.keys())  # a key may be a path, which is no name for a folder
        return [
            _check(key, Path(name) / str(number))
            for number, key in enumerate(console.track(chosen, "Building boards"))
        ]


def show(checked: Sequence[Checked]) -> None:
    """Prints one row per board."""
    table = console.table("Boards", ["name", "built", "memory", "unverified facts"])
    for one in checked:
        memory = ", ".join(f"{name} {used} of {there} B" for name, used, there, _ in one.memory)
        said = "yes" if one.status == 0 else f"no: {one.error}"
        table.add_row(one.board, said, memory, str(len(one.unverified) or ""))
    console.stdout().print(table)


def status(checked: Sequence[Checked]) -> ExitStatus:
    """Returns the worst of all statuses."""
    return ExitStatus(max(one.status for one in checked))


def as_json(checked: Sequence[Checked]) -> list[dict[str, object]]:
    """Returns what `--json` holds."""
    return [asdict(one) for one in checked]


def _check(key: str, folder: Path) -> Checked:
    board: Board | None = None
    try:
        board = boards.load(key)
        export.write(export.build_export(ModelFile.open(_MODEL), board), folder)
        built = build(folder, board)
    except EdgekitError as error:
        return Checked(key, int(error.exit_status), str(error), [], _unverified(board))
    return Checked(board.key, 0, "", list(size.rows(built.usage)), _unverified(board))


def _unverified(board: Board | None) -> list[str]:
    return [source.fact for source in board.sources if not source.verified] if board else []

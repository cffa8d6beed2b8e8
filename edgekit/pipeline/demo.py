"""Everything, small: from a recipe to a proven board, with a report at the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit.device import boards
from edgekit.errors import CheckFailed
from edgekit.pipeline import build, export, play, report
from edgekit.pipeline.data_commands import draw_examples
from edgekit.pipeline.train import open_run, train
from edgekit.pipeline.validate import Source, validate
from edgekit.report import terminal


def demo(recipe: str, target: str, preset: str, settings: Sequence[str], runs: Path) -> dict[str, Any]:
    """Trains, quantises, exports, builds, runs on the board, plays a real recording, reports.

    Args:
        recipe: Registry key, or path of a recipe's file.
        target: An emulated board, or the host.
        preset: Name of a set of overrides, or "".
        settings: The user's own overrides, each "a.b=value".
        runs: Folder that holds all runs.

    Returns:
        Where the report lies, and what was found.

    Raises:
        CheckFailed: The board departs from the PC; the report is written all the same.
    """
    board = boards.load(target)  # a misspelt board is found before minutes of training
    trained = train(recipe, preset, settings, None, runs)
    run = open_run(recipe, preset, settings, runs)
    draw_examples(run)
    folder = run.export(board.key)
    with run.stage("export"):
        export.export(run.path, target, folder)
    with run.stage("build"):
        built = build.make(folder, target)
    build.show(built)
    with run.stage("hil"):
        (record,) = validate(folder, [target], Source())
    terminal.show([record])
    with run.stage("recording"):
        played = [(item.name, play.play(run, built, item)) for item in play.recordings(run.recipe)]
    paths = report.write(run.path)
    if record.status != "held":
        raise CheckFailed(
            where=board.key,
            what=f"{record.mismatched_elements} of {record.elements} elements differ from the PC reference",
            hint=f"open {paths['html']}",
        )
    return {
        **trained,
        "report": str(paths["html"]),
        "board": board.key,
        "vectors": record.vectors,
        "mismatched_elements": record.mismatched_elements,
        "recordings": {name: play.counts(moments) for name, moments in played},
    }

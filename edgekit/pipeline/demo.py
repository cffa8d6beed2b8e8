"""Everything, small: from a recipe to a proven board, with a report at the end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit import console, paths
from edgekit.data import base as datasets
from edgekit.device import boards
from edgekit.errors import CheckFailed, EnvironmentFailed, InputError
from edgekit.pipeline import board_pictures, budget, build, data, export, play, report
from edgekit.pipeline.data_commands import draw_examples
from edgekit.pipeline.train import open_run, resolve, train
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes.base import Recipe
from edgekit.report import terminal


def demo(
    recipe: str,
    target: str,
    preset: str,
    settings: Sequence[str],
    runs: Path,
    sound: Path | None = None,
) -> dict[str, Any]:
    """Trains, quantises, exports, builds, runs on the board, plays a recording or shows pictures, reports.

    Args:
        recipe: Registry key, or path of a recipe's file.
        target: An emulated board, or the host.
        preset: Name of a set of overrides, or "".
        settings: The user's own overrides, each "a.b=value".
        runs: Folder that holds all runs.
        sound: A sound file to play in place of the recordings that the recipe has.

    Returns:
        Where the report lies, and what was found.

    Raises:
        CheckFailed: The board departs from the PC; the report is written all the same. Or the untrained
            network does not fit the budget, which is said before training.
    """
    board = boards.load(target)  # a misspelt board is found before minutes of training
    wanted = resolve(recipe, preset, settings)
    if sound and wanted.camera:
        raise InputError(where="--sound", what=f"is not for {wanted.name}, which looks at pictures")
    own = [play.from_file(sound, wanted)] if sound else []
    settings, data_dir = _with_data(recipe, preset, settings)
    run = open_run(recipe, preset, settings, runs)
    data.prepare(run, data_dir)
    if not run.keras_model.is_file():
        budget.check(run, run.recipe, target)
    trained = train(recipe, preset, settings, data_dir, runs)
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
    if wanted.camera:
        shown: dict[str, Any] = {"pictures": str(board_pictures.path_of(folder, board.key).resolve())}
    else:
        with run.stage("recording"):
            played = [
                (item.name, play.play(run, built, item)) for item in own or play.recordings(run, data_dir)
            ]
        shown = {"recordings": {name: play.counts(moments) for name, moments in played}}
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
        **shown,
    }


def _with_data(recipe: str, preset: str, settings: Sequence[str]) -> tuple[Sequence[str], Path | None]:
    """Returns settings and data folder with which there are data: installed, fetched, or a stand-in."""
    wanted = resolve(recipe, preset, settings)
    if not wanted.data.standin:
        return settings, None
    dataset = datasets.signals(wanted.data.dataset)
    if _holds(wanted, None):
        return settings, None
    folder = paths.cache() / "data" / wanted.data.dataset
    reason = "no record of some class came"
    try:
        dataset.download(folder, dataset.parse(wanted.data.options))  # keeps what is there
    except (EnvironmentFailed, InputError) as error:
        reason = str(error.problems[0])
    if _holds(wanted, folder):
        return settings, folder
    console.warn(f"{dataset.title}: not here, and cannot be fetched: {reason}")
    console.warn(
        f"SYNTHETIC DATA: {wanted.data.standin} stands in. The figures show that everything works together, "
        "and say nothing of real data."
    )
    return [*settings, f"data.dataset={wanted.data.standin}"], None


def _holds(recipe: Recipe, folder: Path | None) -> bool:
    """Says whether a folder holds a record of each class of a recipe; None = where its data are installed."""
    dataset = datasets.signals(recipe.data.dataset)
    options = dataset.parse(recipe.data.options)
    missing = set(recipe.classes)
    try:
        for record in dataset.records(options, folder, recipe.classes, []):
            missing.discard(record.label)
            if not missing:
                return True
    except InputError:
        pass
    return False

"""edgekit sweep: many points of a recipe, their cost on the target, and the frontier."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add
from edgekit.errors import ExitStatus, InputError

ORDER = 36


class Search(StrEnum):
    """Where the points come from."""

    GRID = "grid"
    OPTUNA = "optuna"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        sweep,
        "sweep",
        extra="sweep",
        examples=[
            "edgekit sweep ecg-rhythm --space ecg-small --preset quick",
            "edgekit sweep speech-embedding --space frill --target mps3-an547 --workers 8",
            "edgekit sweep ecg-rhythm --space my_space.yaml --search optuna --trials 40",
            "edgekit sweep ecg-rhythm --space ecg-small --address auto --gpus 0.5",
            "edgekit sweep runs/sweeps/ecg-rhythm-ecg-small-1a2b3c4d --pick smallest-within=0.02 -o out",
        ],
    )


def sweep(
    recipe: Annotated[
        str,
        typer.Argument(
            metavar="RECIPE|SWEEP", help="A recipe, or the folder of a sweep: to go on with it, or to --pick."
        ),
    ],
    space: Annotated[
        str,
        typer.Option("--space", metavar="FILE", help="A file, or a name, e.g. ecg-small."),
    ] = "",
    target: options.Target = "mps2-an386",
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    search: Annotated[Search, typer.Option("--search", help="The whole grid, or Optuna.")] = Search.GRID,
    trials: Annotated[
        int, typer.Option("--trials", metavar="N", min=0, help="Points in all; default: the grid, or 50.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the search.")] = 0,
    workers: Annotated[
        int,
        typer.Option("--workers", metavar="N", min=0, help="Trials at a time; default: one per core."),
    ] = 0,
    address: Annotated[
        str,
        typer.Option("--address", metavar="ADDR", help="A Ray cluster, e.g. auto; default: none."),
    ] = "",
    gpus: Annotated[
        float,
        typer.Option(
            "--gpus", metavar="N", min=0.0, help="GPUs of a trial; a fraction shares one; default: none."
        ),
    ] = 0.0,
    pick: Annotated[
        str,
        typer.Option(
            "--pick",
            metavar="RULE",
            help="Export a point: N, best, smallest-within=0.02 or fastest-within=0.02 (of the best).",
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="Folder of the picked point's export.")
    ] = None,
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
) -> Outcome:
    """Train many points of a recipe, count each on the target, and find the frontier.

    A candidate is compiled and run on the emulated target before it is trained: one that is over the budget
    is skipped. The same command again keeps what is done and goes on where it was.
    """
    from edgekit.pipeline.sweep import pick as picking
    from edgekit.pipeline.sweep import run as sweeping
    from edgekit.pipeline.sweep.folder import SweepFolder
    from edgekit.pipeline.sweep.workers import Resources

    if pick and out is None:
        raise InputError(where="--pick", what="needs a folder for the export", hint="-o DIR")
    known = Path(recipe).is_dir()
    if not known and not space:
        raise InputError(
            where="--space", what="is missing", expected="a space file, or the name of one", hint=_spaces()
        )
    if known:
        folder = SweepFolder.open(Path(recipe))
    else:
        plan = sweeping.plan(
            recipe, space, target, preset=preset, settings=settings, search=search.value, seed=seed
        )
        folder = SweepFolder.create(plan, runs)
    if known and pick:
        return Outcome(picking.pick(folder, pick, out or Path(), data_dir))
    record = sweeping.run(folder, Resources(workers, address, gpus), trials=trials, data_dir=data_dir)
    if pick:
        picking.pick(folder, pick, out or Path(), data_dir)
    failed = record.counts.get("failed", 0)
    return Outcome(record=record.to_json(), status=ExitStatus.CHECK_FAILED if failed else ExitStatus.HELD)


def _spaces() -> str:
    from edgekit.pipeline.sweep.space import known

    return "known: " + ", ".join(known())

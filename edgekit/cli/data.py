"""edgekit data: look at a recipe's data, or download a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 30


def register(app: typer.Typer) -> None:
    """Adds the group and its commands."""
    group = typer.Typer(
        name="data", help="Look at a recipe's data, or download a data set.", no_args_is_help=True
    )
    add(
        group,
        show,
        "show",
        extra="train",
        examples=[
            "edgekit data show ecg-rhythm --preset quick",
            "edgekit data show ecg-rhythm --set data.dataset=lsad --data-dir ~/ecg-arrhythmia",
        ],
    )
    add(group, get, "get", extra="train", examples=["edgekit data get lsad -o ~/ecg-arrhythmia --limit 100"])
    app.add_typer(group)


def show(
    recipe: options.Recipe,
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
) -> Outcome:
    """Show counts per class and split, and plot examples."""
    from edgekit.pipeline.data_commands import show as show_data

    return Outcome(show_data(recipe, preset, settings, data_dir, runs))


def get(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="A name from `edgekit datasets`.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder to fill; what is there and sound is kept.")
    ],
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many records; 0 = all.")] = 0,
    settings: Annotated[
        list[str],
        typer.Option("--set", metavar="KEY=VALUE", help="Option of the data set; may be repeated."),
    ] = [],  # noqa: B006 (typer copies it)
    mirror: Annotated[str, typer.Option("--mirror", help="Base address instead of the published one.")] = "",
) -> Outcome:
    """Download a data set, with checksum and progress."""
    from edgekit.pipeline.data_commands import download

    return Outcome({"folder": str(download(dataset, out, settings, limit, mirror))})

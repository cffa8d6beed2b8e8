"""edgekit demo: everything, small, with a report at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 10


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        demo,
        "demo",
        extra="train",
        examples=[
            "edgekit demo",
            "edgekit demo ecg-rhythm --target mps2-an386",
            "edgekit demo ecg-rhythm --preset full",
        ],
    )


def demo(
    recipe: Annotated[
        str, typer.Argument(metavar="[RECIPE]", help="A name from `edgekit recipes`.")
    ] = "ecg-rhythm",
    target: options.Target = "host",
    preset: options.Preset = "quick",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    runs: options.RunsDir = Path("runs"),
) -> Outcome:
    """Go from a recipe to a proven board: train, quantise, export, build, run, report."""
    from edgekit.pipeline.demo import demo as run_demo

    return Outcome(run_demo(recipe, target, preset, settings, runs))

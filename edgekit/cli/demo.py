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
            "edgekit demo speech-embedding --target mps3-an547 --sound my_voice.wav",
            "edgekit demo aircraft-detect --target mps3-an547",
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
    sound: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A sound file to play on the board, e.g. a .wav.")
    ] = None,
) -> Outcome:
    """Go from a recipe to a proven board: train, quantise, export, build, run, report."""
    from edgekit.pipeline.demo import demo as run_demo

    return Outcome(run_demo(recipe, target, preset, settings, runs, sound))

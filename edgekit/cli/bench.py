"""edgekit bench: instructions per inference on the emulated cores."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli.command import Outcome, add

ORDER = 46


class Engine(StrEnum):
    """What is counted."""

    AOT = "aot"
    TFLM = "tflm"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(app, bench, "bench", examples=["edgekit bench", "edgekit bench model.tflite --target mps2-an386"])


def bench(
    models: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help=".tflite files or run folders; default: MLPerf Tiny's and the recipes' networks.",
        ),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", "-t", metavar="BOARD,...", help="Emulated boards.")
    ] = "mps2-an386,mps3-an547",
    optimize: Annotated[
        str, typer.Option("--optimize", metavar="GOAL,...", help="balanced, speed, ram.")
    ] = "balanced",
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the table as a page, too.")
    ] = None,
    engine: Annotated[
        Engine, typer.Option("--engine", help="tflm: run your TFLM beside it, from $TFLM_DIR.")
    ] = Engine.AOT,
    profile: Annotated[bool, typer.Option("--profile", help="Tell what each node costs, too.")] = False,
) -> Outcome:
    """Count instructions, memory and code per model and emulated core; one table."""
    from edgekit.pipeline.bench import bench as run_bench

    return Outcome(
        run_bench(
            models or [],
            target.split(","),
            optimize.split(","),
            markdown,
            profile=profile,
            engine=engine.value,
        )
    )

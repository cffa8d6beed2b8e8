"""edgekit compress: a plan of steps, with each step's metric and cost in one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 36


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        compress,
        "compress",
        extra="train",
        examples=[
            "edgekit compress ecg-rhythm --preset quick --target mps2-an386",
            "edgekit compress ecg-rhythm --set 'compress=[{step: prune, pth: 0.2}]'",
            "edgekit compress runs/ecg-rhythm/quick-1a2b3c4d --plan plan.yaml",
        ],
    )


def compress(
    given: Annotated[
        str, typer.Argument(metavar="RECIPE|RUN", help="A recipe, or a run folder.", show_default=False)
    ],
    target: options.Target = "mps2-an386",
    plan: Annotated[
        Path | None, typer.Option("--plan", help="YAML list of steps in place of the recipe's plan.")
    ] = None,
    preset: options.Preset = "",
    settings: options.Settings = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
    runs: options.RunsDir = Path("runs"),
    gpus: options.Gpus = None,
) -> Outcome:
    """Train, then compress step by step, and tell each step's metric and cost on the target.

    Each prefix of the plan is a run of its own. What is done is kept, and a killed command goes on where it
    was. Fails when a budget of the recipe does not hold, and says at which step and by how much.
    """
    from edgekit.pipeline.ladder import climb
    from edgekit.training import devices

    devices.use(gpus)
    return Outcome(
        climb(
            given,
            target,
            preset=preset,
            settings=settings,
            plan_file=plan,
            data_dir=data_dir,
            runs=runs,
        )
    )

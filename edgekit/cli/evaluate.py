"""edgekit evaluate: float beside INT8 on the test split, baseline and real recordings."""

from __future__ import annotations

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 33


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        evaluate,
        "evaluate",
        extra="train",
        examples=[
            "edgekit evaluate runs/ecg-rhythm/quick-1a2b3c4d",
            "edgekit evaluate runs/ecg-rhythm/quick-1a2b3c4d --data-dir ~/cpsc2021 --real holter",
        ],
    )


def evaluate(
    run: options.Run,
    real: options.RealData = [],  # noqa: B006 (typer copies it)
    data_dir: options.DataDir = None,
) -> Outcome:
    """Evaluate a run: accuracy, F1, confusion, confidence threshold; float beside INT8."""
    from edgekit.pipeline.evaluate import evaluate as evaluate_run
    from edgekit.pipeline.run_folder import RunFolder

    return Outcome(evaluate_run(RunFolder.open(run), real, data_dir))

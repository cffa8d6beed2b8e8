"""edgekit inspect: what is in a model, and what would keep it from being exported."""

from __future__ import annotations

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 44


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        inspect,
        "inspect",
        examples=["edgekit inspect model.tflite", "edgekit inspect runs/ecg-rhythm/quick-1a2b3c4d"],
    )


def inspect(
    model: options.ModelPath,
    target: options.Target = "host",
    without_pass: options.WithoutPass = [],  # noqa: B006 (typer copies it)
) -> Outcome:
    """Show a model's operators, passes, sizes and memory plan; name what cannot be exported."""
    from edgekit.pipeline.inspect import inspect as inspect_model

    return Outcome(inspect_model(model, without_pass, target))

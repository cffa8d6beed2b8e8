"""edgekit build: firmware from an exported folder."""

from __future__ import annotations

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 41


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        build,
        "build",
        examples=["edgekit build out --target apollo4", "edgekit build out --target apollo4 --mlperf bytes"],
    )


def build(
    folder: options.ExportDir,
    target: options.Target,
    profile: options.Profile = False,
    trace: options.Trace = False,
    mlperf: options.Mlperf = "",
) -> Outcome:
    """Build the validation firmware of an exported folder and show its sizes."""
    from edgekit.pipeline.build import build as build_firmware

    return Outcome(build_firmware(folder, target, profile=profile, trace=trace, mlperf=mlperf))

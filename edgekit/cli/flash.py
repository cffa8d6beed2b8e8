"""edgekit flash: write the firmware to a board."""

from __future__ import annotations

from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 42


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        flash,
        "flash",
        examples=["edgekit flash out --target apollo4", "edgekit flash out --target rpi-pico --tool uf2"],
    )


def flash(
    folder: options.ExportDir,
    target: options.Target,
    profile: options.Profile = False,
    trace: options.Trace = False,
    mlperf: options.Mlperf = "",
    tool: Annotated[
        str,
        typer.Option(
            "--tool",
            metavar="NAME",
            help="jlink, pyocd, openocd, picotool or uf2; default: the board's first.",
        ),
    ] = "",
    probe: Annotated[
        str,
        typer.Option(
            "--probe", metavar="SERIAL", help="Serial number of the debug probe, or folder of the UF2 drive."
        ),
    ] = "",
) -> Outcome:
    """Build the firmware of an exported folder if needed, and write it to the board."""
    from edgekit.pipeline.build import flash as flash_firmware

    return Outcome(
        flash_firmware(folder, target, profile=profile, trace=trace, mlperf=mlperf, probe=probe, tool=tool)
    )

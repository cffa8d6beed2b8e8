"""edgekit hil: the board beside the PC reference, vector by vector."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add
from edgekit.errors import ExitStatus

ORDER = 43


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        hil,
        "hil",
        examples=[
            "edgekit hil out --target mps2-an386",
            "edgekit hil out --target host --random 200 --seed 1 --json hil.json",
            "edgekit hil out --target apollo4 --port /dev/ttyACM0 --vectors vectors.npz",
            "edgekit hil runs/ecg-rhythm/quick-1a2b3c4d --target host,mps2-an386,mps3-an547",
            "edgekit hil runs/ecg-rhythm/quick-1a2b3c4d --target host --examples 0",
        ],
    )


def hil(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="A folder that `edgekit export` wrote; for several targets a MODEL."
        ),
    ],
    target: options.Target,
    vectors: Annotated[
        Path | None,
        typer.Option(
            "--vectors", metavar="FILE.npz", help="in/<name>, optionally label; default: the export's own."
        ),
    ] = None,
    examples: Annotated[
        int | None,
        typer.Option(
            "--examples",
            min=0,
            metavar="N",
            help="The first N vectors, of a run its test examples; 0: all. Default: 200 of a run, else all.",
        ),
    ] = None,
    random: Annotated[
        int, typer.Option("--random", min=0, metavar="N", help="N random vectors instead.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the random vectors.")] = 0,
    port: options.Port = "",
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=0.1, metavar="S", help="Longest wait for an answer of the board."),
    ] = 20.0,
    pipeline: Annotated[
        bool,
        typer.Option(
            "--pipeline/--no-pipeline",
            help="Send the next vector while the board computes; without, receiving takes no time from it.",
        ),
    ] = True,
    profile: Annotated[
        bool,
        typer.Option(
            "--profile",
            help="Tell what each node costs, too; a board on a port needs `edgekit flash --profile`.",
        ),
    ] = False,
    trace: Annotated[
        bool,
        typer.Option(
            "--trace",
            help="Name the first node that departs; a board on a port needs `edgekit flash --trace`.",
        ),
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with a run that was cut; what is confirmed is not sent again."),
    ] = False,
) -> Outcome:
    """Run test vectors on a board and compare every output byte with the PC reference.

    Emulated boards and the host are started and ended by the command; a board on a port must run the
    firmware of this export (edgekit flash).
    """
    from edgekit.pipeline.validate import Source, validate
    from edgekit.report import terminal
    from edgekit.report.record import dump_hil

    records = validate(
        folder,
        target.split(","),
        Source(file=vectors, random=random, seed=seed, examples=examples),
        port=port,
        timeout=timeout,
        pipelined=pipeline,
        profile=profile,
        trace=trace,
        resume=resume,
    )
    terminal.show(records)
    status = max(record.exit_status for record in records)
    return Outcome(status=ExitStatus(status), record=dump_hil(records))

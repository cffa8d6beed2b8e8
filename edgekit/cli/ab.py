"""edgekit ab: two firmwares beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 44


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        ab,
        "ab",
        examples=[
            "edgekit ab out-ram out-speed --target host",
            "edgekit ab out out --target host --blocks 60      # A/A: the interval should hold zero",
            "edgekit ab old new --target apollo4 --port /dev/ttyACM0,/dev/ttyACM1",
        ],
    )


def ab(
    a: Annotated[Path, typer.Argument(metavar="DIR_A", help="A folder that `edgekit export` wrote.")],
    b: Annotated[Path, typer.Argument(metavar="DIR_B", help="Another; the same one for an A/A run.")],
    target: options.Target,
    blocks: Annotated[
        int, typer.Option("--blocks", min=10, max=10_000, help="Passes over both, each in random order.")
    ] = 30,
    vectors: Annotated[
        Path | None,
        typer.Option("--vectors", metavar="FILE.npz", help="Default: DIR_A's own, at most 64 of them."),
    ] = None,
    random: Annotated[
        int, typer.Option("--random", min=0, metavar="N", help="N random vectors instead.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the order and of random vectors.")] = 0,
    port: Annotated[
        str,
        typer.Option(
            "--port", metavar="DEV[,DEV]", help="One board, flashed for every block, or one board each."
        ),
    ] = "",
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, metavar="S", help="Longest wait for an answer.")
    ] = 20.0,
) -> Outcome:
    """Measure two firmwares on one board, interleaved in random order, with a confidence interval.

    Both run at the same time under the same conditions, so what drifts touches both. The difference is
    B against A: +2 % means that B takes longer.
    """
    from edgekit.pipeline.ab import Plan, compare, show
    from edgekit.pipeline.validate import Source

    plan = Plan(
        blocks=blocks,
        seed=seed,
        source=Source(file=vectors, random=random, seed=seed),
        ports=tuple(part for part in port.split(",") if part),
        timeout=timeout,
    )
    made = compare(a, b, target, plan)
    show(made)
    return Outcome(record=made.to_json())

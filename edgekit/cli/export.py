"""edgekit export: C from a .tflite or a run folder."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from edgekit.cli import options
from edgekit.cli.command import Outcome, add

ORDER = 40


class Engine(StrEnum):
    """What runs the model on the board."""

    AOT = "aot"
    TFLM = "tflm"
    BOTH = "both"


class Numerics(StrEnum):
    """Whose rounding the generated code reproduces."""

    LITERT = "litert"
    TFLM = "tflm"


class Optimize(StrEnum):
    """What the generated code is optimised for."""

    BALANCED = "balanced"
    SPEED = "speed"
    RAM = "ram"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    add(
        app,
        export,
        "export",
        examples=[
            "edgekit export model.tflite --target mps2-an386 -o out",
            "edgekit export runs/ecg-rhythm/quick-1a2b3c4d --target apollo4 -o out --engine both",
            "edgekit export model.tflite --target mps3-an547 -o out --numerics tflm --name my_model",
        ],
    )


def export(
    model: options.ModelPath,
    target: options.Target,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Folder to write; an older export is replaced.")
    ],
    name: Annotated[
        str, typer.Option("--name", metavar="ID", help="Prefix of the C names; default: the model's.")
    ] = "",
    engine: Annotated[
        Engine, typer.Option("--engine", help="aot: edgekit's own C; tflm: flatbuffer for TFLM.")
    ] = Engine.AOT,
    numerics: Annotated[
        Numerics, typer.Option("--numerics", help="Reference whose bytes the C gives.")
    ] = Numerics.LITERT,
    optimize: Annotated[Optimize, typer.Option("--optimize")] = Optimize.BALANCED,
    rate: Annotated[
        float,
        typer.Option(
            "--rate",
            metavar="HZ",
            help="Sampling rate of your sensor, for the preprocessing; default: the recipe's.",
        ),
    ] = 0.0,
    push_rows: Annotated[
        bool,
        typer.Option(
            "--push-rows", help="Your code pushes the input row by row; it never lies in RAM whole."
        ),
    ] = False,
    examples: options.Examples = 200,
    without_pass: options.WithoutPass = [],  # noqa: B006 (typer copies it)
) -> Outcome:
    """Export a model as C with its preprocessing, a CMake project and golden vectors."""
    from edgekit.pipeline.export import export as export_model

    return Outcome(
        export_model(
            model,
            target,
            out,
            name=name,
            engine=engine.value,
            numerics=numerics.value,
            optimize=optimize.value,
            rate_hz=rate,
            disabled=without_pass,
            push_rows=push_rows,
            examples=examples,
        )
    )

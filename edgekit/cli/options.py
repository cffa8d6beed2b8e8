"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Recipe = Annotated[
    str,
    typer.Argument(metavar="RECIPE", help="A name from `edgekit recipes`, or a path to a recipe's .py file."),
]
ModelPath = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A .tflite file or a run folder.", show_default=False)
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, as `edgekit train` prints it.")]
ExportDir = Annotated[Path, typer.Argument(metavar="DIR", help="A folder that `edgekit export` wrote.")]
Target = Annotated[
    str,
    typer.Option(
        "--target", "-t", metavar="BOARD", help="A name from `edgekit boards`, or a path to a .toml."
    ),
]
Preset = Annotated[str, typer.Option("--preset", help="Overrides that the recipe names, e.g. quick or full.")]
Settings = Annotated[
    list[str],
    typer.Option("--set", metavar="A.B=VALUE", help="Override one key of the recipe; may be repeated."),
]
StepSettings = Annotated[
    list[str],
    typer.Option("--set", metavar="KEY=VALUE", help="Set one parameter of the step; may be repeated."),
]
Epochs = Annotated[int | None, typer.Option("--epochs", help="Epochs of training that follow.")]
LearningRate = Annotated[
    float | None, typer.Option("--learning-rate", help="Of that training; default the step's.")
]
Gpus = Annotated[
    int | None,
    typer.Option("--gpus", metavar="N", min=0, help="GPUs that train, 0 for none; default: all there are."),
]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of the data set's files, for data sets that are read from disk."),
]
RunsDir = Annotated[Path, typer.Option("--runs", help="Folder that holds the run folders.")]
Port = Annotated[
    str,
    typer.Option(
        "--port",
        metavar="DEV",
        help="Serial port of the board: /dev/ttyACM0, socket://host:port or serial:NUMBER; "
        "without it a real board is looked for by its USB ids.",
    ),
]
Examples = Annotated[
    int,
    typer.Option(
        "--examples", min=0, metavar="N", help="Test examples of a run to take, the first N; 0: all of them."
    ),
]
RealData = Annotated[
    list[str],
    typer.Option(
        "--real", metavar="DATASET", help="Data set of real recordings to count too; may be repeated."
    ),
]
WithoutPass = Annotated[
    list[str],
    typer.Option(
        "--without-pass",
        metavar="NAME",
        help="Compiler pass to leave out, as `edgekit inspect` names them; may be repeated.",
    ),
]
Profile = Annotated[
    bool,
    typer.Option("--profile", help="Firmware that tells the cost of each node, which costs a little itself."),
]
Trace = Annotated[
    bool,
    typer.Option("--trace", help="Firmware that tells what each node writes, for `edgekit hil --trace`."),
]
Mlperf = Annotated[
    str,
    typer.Option(
        "--mlperf",
        metavar="FORM",
        help="Firmware for MLPerf Tiny's runner instead; what it sends: bytes (of the tensor), picture "
        "(0 to 255) or float32.",
    ),
]


def step_settings(settings: list[str], **named: Any) -> dict[str, Any]:
    """Returns a step's parameters: those of `--set`, and named options where they are given.

    Args:
        settings: Each "key=value".
        **named: Options of their own by the parameter's name; None where they are left out.

    Raises:
        InputError: A setting is not of that form.
    """
    from edgekit.recipes.base import settings_tree

    return {**settings_tree(settings), **{key: value for key, value in named.items() if value is not None}}

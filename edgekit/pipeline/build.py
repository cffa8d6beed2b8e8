"""Stage 5: firmware from an exported folder, and its way onto the board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgekit import console, manifest
from edgekit.device import boards, size
from edgekit.device.boards import Board
from edgekit.device.build import Built
from edgekit.device.build import build as build_firmware
from edgekit.errors import InputError, Problem, did_you_mean

MLPERF_FORMS = ("bytes", "picture", "float32")  # as firmware/mlperf/main.c numbers them


def make(folder: Path, target: str, *, profile: bool = False, trace: bool = False, mlperf: str = "") -> Built:
    """Builds the validation firmware, or that for MLPerf Tiny's runner; what is up to date is kept.

    Args:
        folder: What `edgekit export` wrote.
        target: A board's key or path.
        profile: Whether it tells the cost of each node; that lies in a folder of its own.
        trace: Whether it tells what each node writes; likewise, and not both, as telling takes time.
        mlperf: What the runner sends, one of `MLPERF_FORMS`; "" for the validation firmware.
    """
    if profile and trace:
        raise InputError(where="--trace", what="and --profile exclude each other in one firmware")
    board = boards.load(target)
    with console.status(f"Building firmware for {board.key}"):
        if mlperf:
            return _mlperf(Path(folder), board, mlperf)
        kind = "profile" if profile else "trace" if trace else ""
        if not kind:
            return build_firmware(folder, board)
        own = (Path(folder) / "build" / f"{board.key}-{kind}").resolve()
        return build_firmware(folder, board, build_dir=own, defines={f"EK_{kind.upper()}": "1"})


def witness(folder: Path) -> Built:
    """Builds an export for this computer, with portable kernels and tracing, whatever core it is for."""
    own = (Path(folder) / "build" / "host-witness").resolve()
    with console.status("Building the export for this computer"):
        return build_firmware(
            folder, boards.load("host"), build_dir=own, defines={"EK_TRACE": "1"}, portable=True
        )


def _mlperf(folder: Path, board: Board, form: str) -> Built:
    exported = manifest.load(folder)
    tensor = exported.inputs[0]
    problems = []
    if form not in MLPERF_FORMS:
        problems.append(Problem(f"--mlperf {form}", "unknown", hint=did_you_mean(form, MLPERF_FORMS)))
    if len(exported.inputs) > 1:
        problems.append(Problem(str(folder), "has several inputs; the runner sends one"))
    if form != "bytes" and tensor.dtype != "int8":
        problems.append(Problem(f"--mlperf {form}", "needs an int8 input", found=tensor.dtype))
    if problems:
        raise InputError(problems)
    size_of = 4 if form == "float32" else np.dtype(tensor.dtype).itemsize
    defines = {
        "EK_MLPERF_INPUT": str(MLPERF_FORMS.index(form)),
        "EK_MLPERF_BUFFER": f"{tensor.elements * size_of}U",
    }
    own = (folder / "build" / f"{board.key}-mlperf").resolve()
    return build_firmware(folder, board, build_dir=own, defines=defines, app="mlperf")


def build(
    folder: Path, target: str, *, profile: bool = False, trace: bool = False, mlperf: str = ""
) -> dict[str, Any]:
    """Builds the validation firmware, or that for MLPerf Tiny's runner, and prints its sizes.

    Args:
        folder: What `edgekit export` wrote.
        target: A board's key or path.
        profile, trace, mlperf: See `make`.

    Returns:
        The image and what it costs.
    """
    built = make(folder, target, profile=profile, trace=trace, mlperf=mlperf)
    show(built)
    return {
        "elf": str(built.elf),
        "board": built.board.key,
        "memory": built.memory.to_dict(),
        "usage": {name: {"used": m.used, "length": m.length} for name, m in built.usage.items()},
        **built.conditions(),
    }


def flash(
    folder: Path,
    target: str,
    *,
    profile: bool = False,
    trace: bool = False,
    mlperf: str = "",
    probe: str = "",
    tool: str = "",
) -> dict[str, Any]:
    """Builds the firmware if needed and writes it to the board.

    Args:
        folder: What `edgekit export` wrote.
        target: A board's key or path.
        profile, trace, mlperf: See `make`.
        probe: Serial number of the debug probe, or folder of the drive.
        tool: What to flash with; "" takes the first of the board's that is there.
    """
    from edgekit.device.flash import flash as flash_image

    built = make(folder, target, profile=profile, trace=trace, mlperf=mlperf)
    with console.status(f"Flashing {built.board.key}"):
        used = flash_image(built.elf, built.board, probe=probe, tool=tool)
    console.say(f"flashed with {used}")
    return {"elf": str(built.elf), "board": built.board.key, "tool": used}


def show(built: Built) -> None:
    """Prints what a firmware costs."""
    memory = built.memory
    console.say(f"{built.elf}  ({built.compiler})")
    table = console.table("Inference alone", ["part", "bytes", "of"])
    table.add_row("weights", f"{memory.weights_bytes:,}", "flash")
    table.add_row("code", f"{memory.code_bytes:,}", "flash")
    table.add_row("arena", f"{memory.arena_bytes:,}", "RAM")
    table.add_row("static", f"{memory.static_ram_bytes:,}", "RAM")
    console.stdout().print(table)
    if built.usage:
        table = console.table("Whole firmware", ["memory", "used", "of", "share"])
        for row in size.rows(built.usage):
            table.add_row(*row)
        console.stdout().print(table)

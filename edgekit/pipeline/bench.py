"""Instructions, memory and code per model and emulated core, beside TFLM's where its figures are kept."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from edgekit import console, files
from edgekit.compiler.ops.base import Goal
from edgekit.device import boards
from edgekit.errors import CheckFailed, EnvironmentFailed, InputError, did_you_mean
from edgekit.pipeline import bench_cycles, bench_models, bench_page, build, export
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.validate import Source, validate
from edgekit.report import terminal

_VECTORS = 10


def bench(
    models: Sequence[Path],
    targets: Sequence[str],
    goals: Sequence[str] = ("balanced",),
    markdown: Path | None = None,
    *,
    profile: bool = False,
    engine: Literal["aot", "tflm"] = "aot",
) -> list[dict[str, Any]]:
    """Runs models on emulated boards and prints one table.

    Args:
        models: .tflite files or run folders; none = MLPerf Tiny's networks and those of the recipes, with
            random weights.
        targets: Emulated boards.
        goals: What to optimise for: "balanced", "speed", "ram".
        markdown: Where to write the table as a page.
        profile: Whether to tell, and print, the cost of each node.
        engine: "tflm" also runs TFLM ($TFLM_DIR), and compares with that instead of what is kept.

    Returns:
        One row per model, board and goal; `export_seconds` is processor time without the reference.

    Raises:
        InputError: A target is not emulated, so it counts no instructions; a goal is unknown.
        CheckFailed: A board departs from the reference: its figures mean nothing.
        EnvironmentFailed: No model is given and TensorFlow is not installed, or there is no TFLM.
    """
    for target in targets:
        if not boards.load(target).emulated:
            raise InputError(
                where=f"--target {target}", what="counts no instructions", expected="an emulated board"
            )
    for goal in goals:
        if goal not in get_args(Goal):
            hint = did_you_mean(goal, get_args(Goal))
            raise InputError(where=f"--optimize {goal}", what="unknown", hint=hint)
    known = bench_models.tflm()
    rows = []
    with tempfile.TemporaryDirectory(prefix="edgekit-bench-") as name:
        for model in _models(models, Path(name)):
            for target in targets:
                tflm = known.get(model.path.stem, {}).get(boards.load(target).core.name, {})
                if engine == "tflm":
                    tflm = _tflm(model, target, Path(name) / f"{model.path.stem}-{target}-tflm")
                for goal in goals:
                    folder = Path(name) / f"{model.path.stem}-{target}-{goal}"
                    rows.append(_row(model, target, goal, folder, tflm, profile))  # type: ignore[arg-type]
    _show(rows)
    if markdown is not None:
        files.write_text(markdown, bench_page.markdown(rows))
    return rows


def _show(rows: Sequence[dict[str, Any]]) -> None:
    table = console.table(
        "Per inference, emulated; times fewer than TFLM with CMSIS-NN",
        [
            "model",
            "core",
            "for",
            "instructions",
            "times",
            "cycles*",
            "times",
            "arena B",
            "code B",
            "weights B",
        ],
    )
    for row in rows:
        fewer, fewer_cycles = (
            f"{row[key]:.2f}" if row[key] else "" for key in ("times_fewer", "times_fewer_cycles")
        )
        modelled = f"{row['modelled_cycles']:,}" if row["modelled_cycles"] else ""
        counts = (row["arena_bytes"], row["code_bytes"], row["weights_bytes"])
        table.add_row(
            row["model"], row["core"].removeprefix("cortex-"), row["optimize"], f"{row['instructions']:,}",
            fewer, modelled, fewer_cycles, *(f"{count:,}" for count in counts),
        )  # fmt: skip
    console.stdout().print(table)
    console.stdout().print("* modelled from the executed instructions, no measurement")
    for what, key in bench_page.RATIOS.items():
        for (core, goal), ratios in bench_page.by_core(rows, key).items():
            mean = bench_page.mean(ratios)
            console.stdout().print(
                f"{core}, {goal}: {mean:.2f} times fewer {what} than TFLM (geometric mean of {len(ratios)})"
            )


def _row(
    model: ModelFile, target: str, goal: Goal, folder: Path, tflm: dict[str, Any], profile: bool
) -> dict[str, Any]:
    board = boards.load(target)
    begin = time.process_time()
    made = export.build_export(model, board, optimize=goal)
    seconds = time.process_time() - begin
    export.write(made, folder)
    (record,) = validate(folder, [target], Source(random=_VECTORS), timeout=120.0, profile=profile)
    if record.status != "held" or record.timer is None or record.memory is None:
        raise CheckFailed(where=f"{model.path.name} on {target}", what="departs from the PC reference")
    if profile:
        console.stdout().print(terminal.profile(record))
    modelled = _modelled(folder, target)
    tflm_cycles = tflm.get("modelled_cycles", 0)
    return {
        "model": model.path.stem,
        "board": board.key,
        "core": board.core.name,
        "optimize": goal,
        "instructions": record.timer.median,
        "init_instructions": record.init_ticks,
        "export_seconds": round(seconds, 2),
        "macs": made.manifest.macs,
        "instructions_per_mac": record.timer.median / max(1, made.manifest.macs),
        "arena_bytes": record.memory.arena_bytes,
        "code_bytes": record.memory.code_bytes,
        "weights_bytes": record.memory.weights_bytes,
        "weights_to_constants": record.memory.weights_bytes / max(1, made.manifest.constants_bytes),
        "tflm_instructions": tflm.get("instructions", 0),
        "tflm_arena_bytes": tflm.get("arena_bytes", 0),
        "tflm_modelled_cycles": tflm_cycles,
        "modelled_cycles": modelled,
        "times_fewer": tflm["instructions"] / record.timer.median if tflm else None,
        "times_fewer_cycles": tflm_cycles / modelled if tflm_cycles and modelled else None,
        **({"profile": [node.to_json() for node in record.profile]} if profile else {}),
    }


def _tflm(model: ModelFile, target: str, folder: Path) -> dict[str, Any]:
    """Runs TFLM on a board; where its kernels depart from the PC reference it is said, and counts anyway."""
    board = boards.load(target)
    export.write(export.build_export(model, board, engine="tflm", numerics="tflm"), folder)
    (record,) = validate(folder, [target], Source(random=_VECTORS), timeout=120.0)
    assert record.timer is not None and record.memory is not None  # else the run has failed
    if record.mismatched_elements:
        console.warn(
            f"{model.path.name}: TFLM departs from its reference in {record.mismatched_elements} values"
        )
    return {
        "instructions": record.timer.median,
        "arena_bytes": record.memory.arena_bytes,
        "modelled_cycles": _modelled(folder, target) or 0,
    }


def _modelled(folder: Path, target: str) -> int | None:
    """Returns the modelled cycles of an export that was built; None, and why, where they cannot be had."""
    if boards.load(target).core.name != bench_cycles.CORE:
        return None
    try:
        return round(bench_cycles.modelled(build.make(folder, target)))
    except EnvironmentFailed as error:
        console.warn(f"no modelled cycles: {error}")
        return None


def _models(given: Sequence[Path], folder: Path) -> Iterator[ModelFile]:
    return (ModelFile.open(path) for path in given) if given else bench_models.untrained(folder)

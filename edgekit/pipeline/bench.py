"""Instructions, memory and code per model and emulated core, beside TFLM's where its figures are kept."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgekit import console, paths
from edgekit.device import boards
from edgekit.errors import CheckFailed, InputError
from edgekit.pipeline import export
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.validate import Source, validate
from edgekit.recipes import base as recipes

_VECTORS = 20


def bench(models: Sequence[Path], targets: Sequence[str]) -> list[dict[str, Any]]:
    """Runs models on emulated boards and prints one table.

    Args:
        models: .tflite files or run folders; none = the network of each recipe with random weights
            (counts depend on shapes, hardly on weights).
        targets: Emulated boards.

    Returns:
        One row per model and board.

    Raises:
        InputError: A target is not emulated, so it counts no instructions.
        CheckFailed: A board departs from the reference: its figures mean nothing.
    """
    for target in targets:
        if not boards.load(target).emulated:
            raise InputError(
                where=f"--target {target}", what="counts no instructions", expected="an emulated board"
            )
    known = _baseline()
    rows = []
    with _models(models) as sources, tempfile.TemporaryDirectory(prefix="edgekit-bench-") as name:
        for source in sources:
            for target in targets:
                rows.append(_row(source, target, Path(name) / f"{source.path.stem}-{target}", known))
    table = console.table(
        "Per inference, emulated",
        [
            "model",
            "core",
            "instructions",
            "per MAC",
            "arena B",
            "code B",
            "weights B",
            "TFLM + CMSIS-NN",
            "times fewer",
        ],
    )
    for row in rows:
        fewer = f"{row['times_fewer']:.2f}" if row["times_fewer"] else ""
        tflm = f"{row['tflm_instructions']:,}" if row["tflm_instructions"] else ""
        table.add_row(
            row["model"], row["core"], f"{row['instructions']:,}", f"{row['instructions_per_mac']:.2f}",
            f"{row['arena_bytes']:,}", f"{row['code_bytes']:,}", f"{row['weights_bytes']:,}", tflm, fewer,
        )  # fmt: skip
    console.stdout().print(table)
    return rows


def _row(source: ModelFile, target: str, folder: Path, known: dict[str, Any]) -> dict[str, Any]:
    board = boards.load(target)
    made = export.build_export(source, board)
    export.write(made, folder)
    (record,) = validate(folder, [target], Source(random=_VECTORS), timeout=120.0)
    if record.status != "held" or record.timer is None or record.memory is None:
        raise CheckFailed(where=f"{source.path.name} on {target}", what="departs from the PC reference")
    tflm = known.get(source.path.stem, {}).get(board.core.name, {}).get("instructions", 0)
    return {
        "model": source.path.stem,
        "board": board.key,
        "core": board.core.name,
        "instructions": record.timer.median,
        "macs": made.manifest.macs,
        "instructions_per_mac": record.timer.median / max(1, made.manifest.macs),
        "arena_bytes": record.memory.arena_bytes,
        "code_bytes": record.memory.code_bytes,
        "weights_bytes": record.memory.weights_bytes,
        "tflm_instructions": tflm,
        "times_fewer": tflm / record.timer.median if tflm else None,
    }


@contextmanager
def _models(given: Sequence[Path]) -> Iterator[list[ModelFile]]:
    if given:
        yield [ModelFile.open(path) for path in given]
        return
    with tempfile.TemporaryDirectory(prefix="edgekit-models-") as name:
        yield [_untrained(key, Path(name)) for key in recipes.REGISTRY.keys()]


def _untrained(key: str, folder: Path) -> ModelFile:
    """Returns a recipe's network with random weights, quantised on noise."""
    import numpy as np

    from edgekit.preproc.chain import Chain
    from edgekit.training.quantize import to_int8
    from edgekit.training.runtime import build_model

    recipe = recipes.REGISTRY.get(key)
    samples = Chain.design(recipe.preproc.steps, recipe.preproc.rate_hz).output.width
    model = build_model(recipe.model.name, recipe.model.params, (samples, 1), len(recipe.classes), seed=0)
    noise = np.random.default_rng(0).standard_normal((32, samples, 1)).astype(np.float32)
    for _ in range(200):  # batch norm settles on the noise; without it activations fade from layer to layer
        model(noise, training=True)
    path = folder / f"{key}-random.tflite"
    path.write_bytes(to_int8(model, noise, recipe.quantize))
    return ModelFile.open(path)


def _baseline() -> dict[str, Any]:
    """Returns TFLM's figures by model and core; a checkout keeps them in benchmarks/."""
    path = paths.share("boards").parent / "benchmarks" / "tflm.json"
    if not path.is_file():
        return {}
    models: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["models"]
    return models

"""Stage 4: a model, its preprocessing and its vectors become one folder of C."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from edgekit import console, manifest, reference
from edgekit.camera.camera import Camera
from edgekit.compiler import attached
from edgekit.compiler.export import Exported, Golden, Preproc, export_model, interface
from edgekit.compiler.ops.base import Goal, Target
from edgekit.device import boards
from edgekit.device.boards import Board
from edgekit.device.build import edited_files
from edgekit.errors import EnvironmentFailed, InputError
from edgekit.manifest import Engine, Manifest, Numerics, PassInfo, PreprocInfo, TensorInfo
from edgekit.pipeline import picture_check, vectors
from edgekit.pipeline.model_file import ModelFile
from edgekit.pipeline.vectors import Vectors
from edgekit.preproc.chain import Chain
from edgekit.recipes.base import Recipe

CHAIN_FILE = "preproc.json"
EXAMPLES = 200  # of a run's test examples that become vectors, unless others are asked for


def export(
    model: Path,
    target: str,
    out: Path,
    *,
    name: str = "",
    engine: Literal["aot", "tflm", "both"] = "aot",
    numerics: Numerics = "litert",
    optimize: Goal = "balanced",
    rate_hz: float = 0.0,
    disabled: Sequence[str] = (),
    push_rows: bool = False,
    examples: int = EXAMPLES,
) -> dict[str, Any]:
    """Writes the export of a model for a board, whole or not at all.

    Args:
        model: A .tflite file or a run folder.
        target: A board's key or path.
        out: Folder to write; an older export in it is replaced.
        name: Prefix of the C names; "" = the recipe's or the file's name.
        engine: "aot", "tflm" or "both".
        numerics: Rounding profile.
        optimize: Goal of the generated code.
        rate_hz: Sampling rate of the sensor; 0 = the recipe's.
        disabled: Names of compiler passes to leave out.
        push_rows: Whether the caller pushes the input row by row.
        examples: Test examples of a run, the first ones, that become vectors; 0 = all.

    Returns:
        The folder, and what the export costs.

    Raises:
        InputError: The model, name or folder will not do; every fault at once.
        EnvironmentFailed: The reference failed, or the disk refused.
    """
    board = boards.load(target)
    source = ModelFile.open(model)
    with console.status(f"Exporting {source.path.name} for {board.key}"):
        made = build_export(
            source,
            board,
            name=name,
            engine=engine,
            numerics=numerics,
            optimize=optimize,
            rate_hz=rate_hz,
            disabled=disabled,
            push_rows=push_rows,
            examples=examples,
        )
        write(made, out)
    show(made.manifest, out)
    return {"folder": str(out), **_costs(made.manifest)}


def build_export(
    source: ModelFile,
    board: Board,
    *,
    name: str = "",
    engine: Literal["aot", "tflm", "both"] = "aot",
    numerics: Numerics = "litert",
    optimize: Goal = "balanced",
    rate_hz: float = 0.0,
    disabled: Sequence[str] = (),
    push_rows: bool = False,
    examples: int = EXAMPLES,
) -> Exported:
    """Returns the export of a model for a board, not yet written."""
    name = name or source.identifier
    engines: tuple[Engine, ...] = ("aot", "tflm") if engine == "both" else (engine,)
    goal = Target(board.core.name, frozenset(board.core.features), numerics, optimize)
    inputs, outputs = interface(source.data, source.path.name)
    chain = source.chain(rate_hz)
    camera, boxes = _around(source.recipe, name, inputs, outputs)
    golden = golden_vectors(source, inputs, outputs, numerics, chain, examples)
    if camera:
        golden = replace(golden, frames=picture_check.frames(camera.info, golden.inputs, inputs[0]))
    made = export_model(
        source.data,
        source.path.name,
        name,
        goal,
        engines,
        board=board.key,
        task=source.recipe.task if source.recipe else "",
        labels=source.labels,
        golden=Golden(
            {key: value[0] for key, value in golden.inputs.items()},
            {key: value[0] for key, value in golden.outputs.items()},
        ),
        preproc=_preproc(chain, name, inputs) if chain else None,
        camera=camera,
        boxes=boxes,
        vectors=golden.to_npz(),
        test_examples=golden.of,
        disabled=disabled,
        push_rows=push_rows,
    )
    if chain is None:
        return made
    return made.with_file(CHAIN_FILE, (json.dumps(chain.to_dict()) + "\n").encode())


def golden_vectors(
    source: ModelFile,
    inputs: list[TensorInfo],
    outputs: list[TensorInfo],
    numerics: Numerics,
    chain: Chain | None = None,
    examples: int = EXAMPLES,
) -> Vectors:
    """Returns test vectors with what the reference computes for them.

    Args:
        source: The model; a run folder brings labelled test frames, else the vectors are random.
        inputs, outputs: As the export names them.
        numerics: Profile of the reference.
        chain: Preprocessing, for which a test signal is added.
        examples: Of the test frames at most so many, the first ones; 0 = all.
    """
    if source.run and source.run.vectors.is_file():
        given = vectors.load(source.run.vectors, inputs, examples)
    else:
        given = vectors.random(inputs, 20, seed=0)
    result = reference.run(
        source.data,
        given.inputs,
        numerics,
        state="carried",
        input_names=[tensor.name for tensor in inputs],
        output_names=[tensor.name for tensor in outputs],
    )
    signal = hostile_signal(chain) if chain else None
    return replace(given, outputs=result.outputs, signal=signal, frames=None)


def hostile_signal(chain: Chain, frames: int = 6) -> NDArray[np.float32]:
    """Returns a signal that leads the preprocessing through what sensors do to it.

    A chirp with noise, then an offset of 1000, saturation, a flat line, NaN and infinities; of int16
    samples the nearest to these.

    Args:
        chain: The preprocessing; its rate and frame size decide the length.
        frames: Frames that the signal fills, about.

    Returns:
        float32 [n] at the chain's input rate, as its sensor's converter gives it.
    """
    seconds = chain.frame_samples / chain.frame_rate_hz
    count = max(64, round(frames * seconds * chain.rate_hz))
    time = np.arange(count) / chain.rate_hz
    generator = np.random.default_rng(0)
    top_hz = chain.rate_hz / 8 if chain.int16 else 8.0  # sound, or what is slower
    signal = np.sin(2 * np.pi * (0.5 + top_hz * time / time[-1]) * time)
    signal += 0.1 * generator.standard_normal(count)
    part = count // 8
    signal[3 * part : 4 * part] += 1000.0
    signal[4 * part : 5 * part] = np.clip(20 * signal[4 * part : 5 * part], -5, 5)
    signal[5 * part : 6 * part] = 0.25
    signal[6 * part :: 97] = np.nan
    signal[6 * part + 1 :: 211] = np.inf
    return chain.on_grid(signal)


def write(made: Exported, out: Path) -> None:
    """Writes an export beside `out`, then puts it in its place; an older export is replaced whole.

    The same export is left as it is, with what was built from it.

    Raises:
        InputError: `out` holds something that is no export.
        EnvironmentFailed: The disk refused; what was there is untouched.
    """
    out = Path(out)
    if out.exists() and not (out / manifest.FILE_NAME).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            where=str(out),
            what="is in the way: it is not empty and holds no export",
            hint="choose another folder, or remove it",
        )
    if _unchanged(made, out):
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
            made.write(Path(name) / "new")
            if out.exists():
                out.rename(Path(name) / "old")
            (Path(name) / "new").rename(out)
    except (OSError, shutil.Error) as error:
        raise EnvironmentFailed(where=str(out), what=f"cannot be written: {error}") from error


def _unchanged(made: Exported, out: Path) -> bool:
    if not (out / manifest.FILE_NAME).is_file():
        return False
    try:
        return manifest.load(out) == made.manifest and not edited_files(out, made.manifest)
    except InputError:  # damaged: write it again
        return False


def show(made: Manifest, out: Path) -> None:
    """Prints what an export holds and costs."""
    console.say(f"{made.name} for {made.target} ({made.core}) in {out}")
    if "aot" in made.engines:
        console.say(
            f"  aot    arena {made.arena_bytes:,} B, weights {made.weights_bytes:,} B "
            f"(the file's constants: {made.constants_bytes:,} B), "
            f"{made.macs:,} multiply-accumulates, numerics {made.numerics}"
        )
        console.say(f"  passes {', '.join(_gain(one) for one in made.passes) or 'changed nothing'}")
    if made.tflm_arena_bytes:
        sizes = ", ".join(f"{core} {size:,} B" for core, size in made.tflm_arena_bytes.items())
        console.say(f"  tflm   arena by core: {sizes}")
    if made.preproc:
        console.say(
            f"  preprocessing at {made.preproc.input_rate_hz:g} Hz, state {made.preproc.state_bytes:,} B, "
            f"tables {made.preproc.table_bytes:,} B"
        )
    if made.camera:
        console.say(
            f"  camera {made.camera.width} x {made.camera.height} {made.camera.format}, row by row, "
            f"state {made.camera.state_bytes:,} B, tables {made.camera.table_bytes:,} B"
        )
    if made.boxes:
        console.say(
            f"  boxes  at most {made.boxes.decoder['max_boxes']}, "
            f"in {made.boxes.room_bytes:,} B of the caller's memory"
        )


def _gain(one: PassInfo) -> str:
    """Returns e.g. `fold-pad 2 (2 nodes, 1,024 B of results)`."""
    units = {"nodes": "nodes", "macs": "multiply-accumulates", "weights_bytes": "B of weights"}
    units["written_bytes"] = "B of results"
    gains = [f"{one.gain[key]:,} {unit}" for key, unit in units.items() if one.gain.get(key)]
    return f"{one.name} {one.changes}" + (f" ({', '.join(gains)})" if gains else "")


def _costs(made: Manifest) -> dict[str, Any]:
    return made.model_dump(
        include={
            "name",
            "target",
            "engine",
            "numerics",
            "arena_bytes",
            "weights_bytes",
            "constants_bytes",
            "macs",
            "tflm_arena_bytes",
        }
    )


def _around(
    recipe: Recipe | None, name: str, inputs: list[TensorInfo], outputs: list[TensorInfo]
) -> tuple[attached.Camera | None, attached.Boxes | None]:
    """Returns the C from a camera to the input and that from the outputs to boxes, as the recipe has them."""
    camera = boxes = None
    if recipe and recipe.camera:
        camera = attached.Camera.design(Camera.design(recipe.camera), name, inputs)
    if recipe and recipe.task == "detection":
        config = recipe.detection
        boxes = attached.Boxes.design(config.limits, config.side, name, inputs, outputs)
    return camera, boxes


def _preproc(chain: Chain, name: str, inputs: list[TensorInfo]) -> Preproc:
    if len(inputs) != 1 or inputs[0].dtype not in ("int8", "int16"):
        raise InputError(
            where="preprocessing",
            what="needs a model with one int8 or int16 input",
            found=", ".join(f"{tensor.name} {tensor.dtype}" for tensor in inputs),
        )
    tensor = inputs[0]
    if tensor.elements != chain.output.width:
        raise InputError(
            where="preprocessing",
            what="gives frames of another size than the model takes",
            expected=f"{tensor.elements} values",
            found=f"{chain.output.width} values",
        )
    info = PreprocInfo(
        input_rate_hz=chain.rate_hz,
        input="int16" if chain.int16 else "float32",
        frame_samples=chain.frame_samples,
        hop_samples=chain.hop_samples,
        hop_seconds=1 / chain.output.rate_hz,
        state_bytes=chain.state_bytes(tensor.dtype),
        table_bytes=chain.table_bytes,
        description=chain.description,
    )
    return Preproc(info, chain.render_c(name, tensor.scale, tensor.zero_point, tensor.dtype))

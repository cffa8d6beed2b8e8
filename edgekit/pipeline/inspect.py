"""What `edgekit inspect` shows: operators, sizes, memory plan, and what cannot be exported."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edgekit import console
from edgekit.compiler.compile import compile_model
from edgekit.compiler.export import interface
from edgekit.compiler.graph import Graph
from edgekit.compiler.ops.base import Target
from edgekit.compiler.passes.base import PassResult
from edgekit.compiler.tflite.reader import read
from edgekit.pipeline.model_file import ModelFile


def inspect(path: Path, disabled: Sequence[str] = ()) -> dict[str, Any]:
    """Prints what is in a model, and what compiling it does.

    Args:
        path: A .tflite file or a run folder.
        disabled: Names of compiler passes to leave out.

    Returns:
        Inputs, outputs, operators, sizes, what each pass did and, where it compiles, the arena.

    Raises:
        InputError: The file is damaged, or the aot engine cannot compile it; every place at once.
    """
    source = ModelFile.open(path)
    name = source.path.name
    model = read(source.data, name)
    inputs, outputs = interface(source.data, name)
    console.say(f"{name}  {model.size:,} bytes, sha256 {model.sha256}")
    for label, tensors in (("input", inputs), ("output", outputs)):
        for tensor in tensors:
            console.say(
                f"  {label:<7}{tensor.name}: {tensor.dtype} {tensor.shape}, "
                f"scale {tensor.scale:g}, zero point {tensor.zero_point}"
            )
    _show_nodes(model.main)
    found: dict[str, Any] = {
        "sha256": model.sha256,
        "bytes": model.size,
        "inputs": [tensor.model_dump() for tensor in inputs],
        "outputs": [tensor.model_dump() for tensor in outputs],
        "nodes": [model.main.view(node).where for node in model.main.nodes],
    }
    program = compile_model(source.data, name, Target(), disabled=disabled)
    _show_passes(program.passes)
    console.say(
        f"aot engine: arena {program.plan.arena_bytes:,} B, weights {program.weights_bytes:,} B, "
        f"{program.macs:,} multiply-accumulates"
    )
    return {
        **found,
        "arena_bytes": program.plan.arena_bytes,
        "weights_bytes": program.weights_bytes,
        "macs": program.macs,
        "passes": [{"name": p.name, "changes": p.changes, "gain": p.gain} for p in program.passes],
    }


def _show_nodes(graph: Graph) -> None:
    table = console.table("", ["#", "operator", "output", "constants B", "name"])
    for node in graph.nodes:
        view = graph.view(node)
        constants = sum(tensor.nbytes for tensor in view.inputs if tensor is not None and tensor.constant)
        shape = "x".join(map(str, view.output().shape)) if node.outputs else ""
        table.add_row(str(node.index), node.op, shape, f"{constants:,}" if constants else "", view.name[-48:])
    console.stdout().print(table)


def _show_passes(passes: Sequence[PassResult]) -> None:
    columns = ["nodes", "multiply-accumulates", "weights B", "written B"]
    table = console.table("What passes gain", ["pass", "places", *columns])
    for one in passes:
        gains = [f"{gain:,}" if gain else "" for gain in one.gain.values()]
        table.add_row(one.name, str(one.changes) if one.changes else "", *gains)
    console.stdout().print(table)

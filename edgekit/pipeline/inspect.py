"""What `edgekit inspect` shows: operators, sizes, memory plan, and what cannot be exported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edgekit import console
from edgekit.compiler.compile import Program, compile_model
from edgekit.compiler.emit.picture import picture, plan_record
from edgekit.compiler.export import interface
from edgekit.compiler.graph import Graph
from edgekit.compiler.ops.base import GOALS, Target
from edgekit.compiler.passes.base import PassResult
from edgekit.compiler.tflite.reader import read
from edgekit.device import boards
from edgekit.pipeline.model_file import ModelFile


def inspect(path: Path, disabled: Sequence[str] = (), board: str = "host") -> dict[str, Any]:
    """Prints what is in a model, and what compiling it does.

    Args:
        path: A .tflite file or a run folder.
        disabled: Names of compiler passes to leave out.
        board: What it is compiled for.

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
    off = list(disabled)
    core = boards.load(board).core
    target = Target(core.name, frozenset(core.features))
    goals = {
        goal: compile_model(source.data, name, replace(target, optimize=goal), disabled=off) for goal in GOALS
    }
    program = goals["balanced"]
    _show_passes(program.passes)
    console.say(
        f"aot engine: arena {program.plan.arena_bytes:,} B, weights {program.weights_bytes:,} B, "
        f"{program.macs:,} multiply-accumulates"
    )
    record = plan_record(program.lowering, program.plan)
    arenas = {str(goal): made.plan.arena_bytes for goal, made in goals.items()}
    for line in picture(program.lowering, program.plan)[1:]:
        console.say(f"  {line}")
    for line in _peak(program, record, arenas):
        console.say(line)
    return {
        **found,
        "arena_bytes": program.plan.arena_bytes,
        "arena_by_goal": arenas,
        "peak_node": record["peak_node"],
        "groups": record["groups"],
        "weights_bytes": program.weights_bytes,
        "macs": program.macs,
        "passes": [{"name": p.name, "changes": p.changes, "gain": p.gain} for p in program.passes],
    }


def _peak(program: Program, record: dict[str, Any], arenas: dict[str, int]) -> Iterator[str]:
    """Yields what makes the arena as large as it is, and what would make it smaller."""
    peak = record["peak_node"]
    if peak < 0:
        return
    live = [b for b in record["buffers"] if b["first_node"] <= peak <= b["last_node"]]
    held = ", ".join(f"{b['name']} ({b['bytes']:,})" for b in sorted(live, key=lambda b: -b["bytes"])[:4])
    yield f"The peak is at {record['nodes'][peak]}, while these live: {held}"
    for group in record["groups"]:
        windows = ", ".join(f"{w['rows']} of {w['of']} rows of {w['tensor']}" for w in group["windows"])
        yield f"Nodes {group['nodes'][0]} to {group['nodes'][-1]} run row by row: {windows}"
    yield "Arena by --optimize: " + ", ".join(f"{goal} {size:,} B" for goal, size in arenas.items())
    inputs = sum(program.graph.tensors[i].nbytes for i in set(program.graph.inputs))
    least = min(arenas.values())
    if least < arenas[program.target.optimize]:
        goal = min(arenas, key=lambda goal: arenas[goal])
        yield f"--optimize {goal} lowers it to {least:,} B, for more instructions"
    elif least < 1.1 * inputs:
        yield f"It can hardly be lowered: the input alone takes {inputs:,} B. A smaller input would"
        yield "`edgekit export --push-rows` lets your code push it row by row, where the model allows that"
    else:
        yield "No goal lowers it; a smaller input, or fewer channels at the peak, would"


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

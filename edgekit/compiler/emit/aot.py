"""Ahead-of-time C: `<name>.h` and `<name>.c` with one kernel call per node, and no interpreter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edgekit.compiler.arena import ARENA_ALIGN
from edgekit.compiler.compile import Program, State
from edgekit.compiler.emit import ctext, rows
from edgekit.compiler.emit.interface import ports, shape_text
from edgekit.compiler.emit.picture import picture
from edgekit.compiler.emit.templates import render
from edgekit.compiler.graph import NodeView
from edgekit.compiler.lowering import Step
from edgekit.compiler.names import c_string, comment, node_name
from edgekit.compiler.ops.base import KernelCall

ABI_VERSION = 1  # of firmware/kernels/ek_abi.h


@dataclass(frozen=True, slots=True)
class Array:
    """One constant array as C text."""

    c_type: str
    name: str
    align: int
    elements: int
    body: str
    section: str = "EK_WEIGHTS "


@dataclass(frozen=True, slots=True)
class Kept:
    """A state as C text; `array` is its first value where that is not one byte over and over."""

    title: str
    offset: int
    bytes: int
    fill: int
    array: Array | None


@dataclass(frozen=True, slots=True)
class Piece:
    """What a node writes, for tracing."""

    offset: int
    place: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Data:
    """Constants and parameters of one node as C text; several sets of parameters where its strips differ."""

    title: str
    kernel: str
    params: tuple[tuple[str, str], ...]
    arrays: tuple[Array, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One step as C text.

    Args:
        index: Of the node.
        title: Of the node or the group.
        function: What is called: a kernel, or the function of a group; "" for no code.
        arguments: Of the function.
        pieces: What it writes, where the function does not say so itself.
        profiled: Whether what it costs is its node's alone; a group's function tells of each node itself.
    """

    index: int
    title: str
    function: str = ""
    arguments: str = ""
    pieces: tuple[Piece, ...] = ()
    profiled: bool = True


def emit(program: Program, name: str, labels: Sequence[str] = ()) -> dict[str, str]:
    """Returns the C of a program.

    Args:
        program: What `compile_model` made.
        name: Identifier that everything is named by, e.g. "ecg_rhythm".
        labels: Class labels, in the order of the output's elements.

    Returns:
        Text by file name: `<name>.h` and `<name>.c`.
    """
    inputs, outputs = ports(program.model)
    calls = [_call(program, position, step) for position, step in enumerate(program.lowering.steps)]
    groups = [
        rows.group_text(program.graph, step.group, step.call, program.plan, position)
        for position, step in enumerate(program.lowering.steps)
        if step.group and step.call
    ]
    values = {
        "name": name,
        "macro": name.upper(),
        "file": comment(program.model.name),
        "sha256": program.model.sha256,
        "inputs": inputs,
        "outputs": outputs,
        "at": program.plan.offsets,
        "preserved": int(program.inputs_preserved),
        "arena_bytes": program.plan.arena_bytes,
        "arena_align": ARENA_ALIGN,
        "numerics": program.target.numerics,
        "labels": [c_string(label) for label in labels],
        "calls": calls,
        "data": [data for step in program.lowering.steps for data in _data(program, step)],
        "groups": groups,
        "pushed": program.pushed,
        "start": next((group for group in groups if group.source), None),
        "kernels": sorted({call.kernel for step in program.lowering.steps for call in step.kernels}),
        "picture": picture(program.lowering, program.plan),
        "abi": ABI_VERSION,
        "states": [_kept(state, number) for number, state in enumerate(program.states)],
        "traced": bool(groups) or any(call.function for call in calls),
        "runs": any(call.function for call in calls),
    }
    return {
        f"{name}.h": render("aot/model.h.j2", **values),
        f"{name}.c": render("aot/model.c.j2", **values),
    }


def _kept(state: State, number: int) -> Kept:
    value = state.value
    array = None
    if not state.uniform:
        kind, align = ctext.c_type(value.dtype), max(4, value.dtype.itemsize)
        array = Array(kind, f"state{number}", align, value.size, ctext.array(value))
    title = comment(node_name(state.name), 60)
    return Kept(title, state.offset, value.nbytes, value.tobytes()[0], array)


def _data(program: Program, step: Step) -> list[Data]:
    found = []
    for node, call in zip(step.nodes, step.kernels, strict=False):
        prefix = f"n{node.index}_"
        params = [(f"{prefix}params", ctext.structure(call.params, prefix))]
        if step.group:
            params = next(rows.parameters(s, prefix) for s in step.group.stages if s.node is node)
        arrays = tuple(
            Array(
                ctext.c_type(c.data.dtype),
                prefix + c.name,
                ctext.alignment(c),
                c.data.size,
                ctext.array(c.data),
                "" if c.table else "EK_WEIGHTS ",
            )
            for c in call.constants
        )
        found.append(Data(node_title(program.graph.view(node)), call.kernel, tuple(params), arrays))
    return found


def _call(program: Program, position: int, step: Step) -> Call:
    title = node_title(program.graph.view(step.node))
    call = step.call
    if call is None:
        return Call(step.node.index, f"{title}: the same bytes")
    if step.group:
        text = rows.group_text(program.graph, step.group, call, program.plan, position)
        if text.source:
            return Call(step.node.index, f"{text.title}: done as they were pushed")
        return Call(step.node.index, text.title, text.name, "arena", profiled=False)
    inputs = [_pointer(program, tensor, "const ") for tensor in call.inputs]
    outputs = [_pointer(program, tensor) for tensor in (*call.states, *call.outputs)]
    arguments = [f"&n{step.node.index}_params", *ctext.pointers(call, inputs, outputs)]
    if call.scratch_bytes:
        arguments.append(f"arena + {program.plan.scratch[position]}U")
    return Call(step.node.index, title, call.kernel, ", ".join(arguments), _pieces(program, call))


def node_title(view: NodeView) -> str:
    """Returns the line above a node's call: number, operator, name, shapes."""
    shapes = [shape_text(t.shape) for t in view.inputs if t is not None and not t.constant]
    made = [shape_text(t.shape) for t in view.outputs]
    name = comment(node_name(view.name), 60)
    return f"{view.node.index}: {comment(view.node.op)} {name}  {', '.join(shapes)} -> {', '.join(made)}"


def _pointer(program: Program, tensor: int, qualifier: str = "") -> str:
    kind = ctext.c_type(program.graph.tensors[tensor].dtype)
    return f"({qualifier}{kind} *)(arena + {program.plan.offsets[tensor]}U)"


def _pieces(program: Program, call: KernelCall) -> tuple[Piece, ...]:
    pieces, place = [], 0
    for tensor in call.outputs:
        size = program.graph.tensors[tensor].nbytes
        pieces.append(Piece(program.plan.offsets[tensor], place, size))
        place += size
    return tuple(pieces)

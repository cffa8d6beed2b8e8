"""A group that runs row by row as a C function: its expressions and arguments."""

from __future__ import annotations

from dataclasses import dataclass

from edgekit.compiler.arena import Plan
from edgekit.compiler.emit import ctext
from edgekit.compiler.graph import Graph
from edgekit.compiler.names import comment, node_name
from edgekit.compiler.ops.base import KernelCall
from edgekit.compiler.rows.model import Group, Read, Stage


@dataclass(frozen=True, slots=True)
class RowsText:
    """A tensor by rows as C text.

    Args:
        name: Of the variable.
        title: Of the tensor.
        fields: Initialiser of the ek_rows_t.
        place: What the comment says of its place.
    """

    name: str
    title: str
    fields: str
    place: str


@dataclass(frozen=True, slots=True)
class StageText:
    """A stage as C text.

    Args:
        index: Of the node.
        title: Of the node.
        output: The variable of its output.
        height: Its rows.
        condition: Whether it is to run next; "" of the last stage.
        count: Rows of the next strip.
        needed: The first row of its output that is still needed; "" where the output lies whole.
        kernel, arguments: The call.
        row_bytes: Of its output.
    """

    index: int
    title: str
    output: str
    height: int
    condition: str
    count: str
    needed: str
    kernel: str
    arguments: str
    row_bytes: int


@dataclass(frozen=True, slots=True)
class SourceText:
    """Rows that the caller pushes, as C text.

    Args:
        rows: The variable of the input.
        height: Its rows.
        condition: Whether a row is wanted next.
        needed: The first row that is still needed.
        row_bytes: Of one.
    """

    rows: str
    height: int
    condition: str
    needed: str
    row_bytes: int


@dataclass(frozen=True, slots=True)
class GroupText:
    """A group as C text.

    Args:
        name: Of the function.
        title: What the comment says.
        rows: Its tensors.
        asked: Declarations of how many rows are asked of each stage, from the last to the first.
        stages: In order.
        source: What the caller pushes; None where the input lies whole.
        scratch: Whether a stage needs any.
    """

    name: str
    title: str
    rows: tuple[RowsText, ...]
    asked: tuple[tuple[str, str], ...]
    stages: tuple[StageText, ...]
    source: SourceText | None
    scratch: bool


def group_text(graph: Graph, group: Group, call: KernelCall, plan: Plan, position: int) -> GroupText:
    """Returns the C text of a group.

    Args:
        graph: The graph.
        group: What runs together.
        call: What stands for it among the steps.
        plan: Where its tensors and its memory lie.
        position: Of the step.
    """
    base = plan.scratch.get(position, 0)
    first, last = (group.nodes[i].node.index for i in (0, -1))
    nodes = f"Nodes {first} to {last}" if first < last else f"Node {last}"
    return GroupText(
        name=f"rows_{first}_to_{last}",
        title=f"{nodes}, some rows at a time",
        rows=tuple(_rows(graph, group, plan, base, tensor) for tensor in group.row_bytes),
        asked=tuple((_wanted(stage), _asked(group, stage)) for stage in reversed(group.stages[:-1])),
        stages=tuple(
            _stage(graph, group, plan, base, i) for i, stage in enumerate(group.stages) if stage.reads
        ),
        source=_source(group, group.source) if group.source else None,
        scratch=bool(group.scratch),
    )


def parameters(stage: Stage, prefix: str) -> list[tuple[str, str]]:
    """Returns name and fields of every set of parameters of a stage."""
    return [
        (_params(prefix, strips.first), ctext.structure(strips.params, prefix)) for strips in stage.strips
    ]


def _params(prefix: str, first: int) -> str:
    return f"{prefix}from_row_{first}"


def _name(tensor: int) -> str:
    return f"t{tensor}"


def _rows(graph: Graph, group: Group, plan: Plan, base: int, tensor: int) -> RowsText:
    row_bytes, window = group.row_bytes[tensor], group.windows.get(tensor)
    height = graph.tensors[tensor].nbytes // row_bytes
    written = tensor == group.stages[-1].output
    if window is None:
        offset, room, first, place = plan.offsets[tensor], height, 0, "whole"
    else:
        offset, room, first = base + window.offset, window.rows, -window.lead
        place = f"{window.rows} of {height} rows"
    end = 0 if written or window else height
    fields = f"{{arena + {offset}U, {row_bytes}, {room}, {first}, {end}}}"
    return RowsText(_name(tensor), comment(node_name(graph.tensors[tensor].name), 60), fields, place)


def _last(stage: Stage) -> str:
    """Returns the last row of the next strip."""
    made = f"{_name(stage.output)}.end"
    if stage.height % stage.rows:
        return f"ek_rows_min({made} + {stage.rows}, {stage.height}) - 1"
    return f"{made} + {stage.rows - 1}" if stage.rows > 1 else made


def _wanted(stage: Stage) -> str:
    """Returns the variable that says how many rows are asked of a stage."""
    return f"asked{stage.node.index}" if stage.reads else "wanted"


def _source(group: Group, stage: Stage) -> SourceText:
    name = _name(stage.output)
    return SourceText(
        rows=name,
        height=stage.height,
        condition=f"{name}.end < {_wanted(stage)}",
        needed=_needed(group, stage.output),
        row_bytes=group.row_bytes[stage.output],
    )


def _asked(group: Group, stage: Stage) -> str:
    """Returns how many rows of a stage's output the next strips of its readers need."""
    terms = []
    for reader in group.stages:
        for read in reader.reads:
            if read.tensor == stage.output:
                term = _end(reader, read)
                if reader is not group.stages[-1]:
                    term = f"({_name(reader.output)}.end < asked{reader.node.index} ? {term} : 0)"
                terms.append(term)
    text = terms[0]
    for term in terms[1:]:
        text = f"ek_rows_max({text}, {term})"
    return text


def _end(reader: Stage, read: Read) -> str:
    return f"ek_rows_end({_last(reader)}, {read.stride}, {read.reach - read.before}, {read.height})"


def _needed(group: Group, tensor: int) -> str:
    terms = [
        f"ek_rows_first({_name(reader.output)}.end, {read.stride}, {read.before})"
        for reader in group.stages
        for read in reader.reads
        if read.tensor == tensor
    ]
    text = terms[0]
    for term in terms[1:]:
        text = f"ek_rows_min({text}, {term})"
    return text


def _input(graph: Graph, plan: Plan, read: Read) -> str:
    """Returns the address of what a strip reads of an input."""
    kind = ctext.c_type(graph.tensors[read.tensor].dtype)
    if not read.height:
        return f"(const {kind} *)(arena + {plan.offsets[read.tensor]}U)"
    row = (
        "row" if (read.stride, read.before) == (1, 0) else f"ek_rows_first(row, {read.stride}, {read.before})"
    )
    return f"(const {kind} *)ek_rows_at(&{_name(read.tensor)}, {row})"


def _stage(graph: Graph, group: Group, plan: Plan, base: int, position: int) -> StageText:
    stage = group.stages[position]
    view, index = graph.view(stage.node), stage.node.index
    output = _name(stage.output)
    params = ""
    for strips, following in zip(stage.strips, stage.strips[1:], strict=False):
        params += f"row < {following.first} ? &{_params(f'n{index}_', strips.first)} : "
    made = f"({ctext.c_type(graph.tensors[stage.output].dtype)} *)ek_rows_at(&{output}, row)"
    inputs = [_input(graph, plan, read) for read in stage.reads]
    arguments = [
        f"{params}&{_params(f'n{index}_', stage.strips[-1].first)}",
        *ctext.pointers(stage.call, inputs, [made]),
    ]
    if stage.call.scratch_bytes:
        arguments.append(f"arena + {base + group.scratch[position]}U")
    whole = stage.height % stage.rows == 0
    return StageText(
        index=index,
        title=comment(node_name(view.name), 60),
        output=output,
        height=stage.height,
        condition=f"{output}.end < {_wanted(stage)}" if stage is not group.stages[-1] else "",
        count=str(stage.rows) if whole else f"ek_rows_min({stage.rows}, {stage.height} - row)",
        needed=_needed(group, stage.output) if stage.output in group.windows else "",
        kernel=stage.call.kernel,
        arguments=", ".join(arguments),
        row_bytes=group.row_bytes[stage.output],
    )

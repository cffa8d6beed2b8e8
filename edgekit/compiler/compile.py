"""From the bytes of a .tflite to a program: read, passes, check, lower, plan, replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from edgekit.compiler.arena import Plan, Planner, plan
from edgekit.compiler.graph import ABSENT, Graph, Model, Node
from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.ops.base import Operators, Target, operators
from edgekit.compiler.passes.base import PassResult, run_passes
from edgekit.compiler.replay import require_valid
from edgekit.compiler.rows.candidates import NEVER, Candidates
from edgekit.compiler.rows.choose import cheapest
from edgekit.compiler.rows.choose import least as smallest
from edgekit.compiler.rows.pushed import Pushed, push_input, refused
from edgekit.compiler.tflite.reader import read
from edgekit.compiler.variables import initial, resolve
from edgekit.compiler.variants.base import Variant, variants
from edgekit.errors import InputError, Problem


@dataclass(frozen=True, slots=True)
class State:
    """A tensor that keeps its value between invocations.

    Args:
        name: As the model names it.
        offset: Its place in the arena.
        value: What it holds after a reset.
    """

    name: str
    offset: int
    value: NDArray[Any]

    @property
    def uniform(self) -> bool:
        """Whether all bytes of the first value are equal."""
        return len(set(self.value.tobytes())) <= 1


_MORE, _MUCH_CHEAPER = 1.035, 0.67  # what `ram` gives for a third of the instructions
_NEAR = {"ram": (1.008, 1.0), "balanced": (1.25, 1.2, 1.1)}  # times the least memory that is found


@dataclass(frozen=True, slots=True)
class Program:
    """A model, compiled as far as it can be without writing C.

    Args:
        model: As read.
        target: What it was compiled for.
        lowering: The graph after the passes, and its steps.
        plan: Where each tensor lies; replayed and found valid.
        inputs_preserved: Whether an invocation leaves every input as it was.
        passes: What each pass did.
        macs: Multiply-accumulates of one invocation.
        pushed: The rows that the caller pushes; None where the input lies in the arena.
    """

    model: Model
    target: Target
    lowering: Lowering
    plan: Plan
    inputs_preserved: bool
    passes: tuple[PassResult, ...]
    macs: int
    pushed: Pushed | None = None

    @property
    def graph(self) -> Graph:
        """The graph after the passes."""
        return self.lowering.graph

    @property
    def weights_bytes(self) -> int:
        """Bytes of what the model holds (weights, biases, multipliers), without padding between them."""
        calls = (call for step in self.lowering.steps for call in step.kernels)
        weights = sum(c.data.nbytes for call in calls for c in call.constants if not c.table)
        return weights + sum(state.value.nbytes for state in self.states if not state.uniform)

    @property
    def states(self) -> list[State]:
        """What keeps its value between invocations."""
        tensors = self.graph.tensors
        return [
            State(tensors[i].name, self.plan.offsets[i], initial(tensors[i])) for i in self.lowering.states
        ]


def compile_model(
    data: bytes,
    file_name: str,
    target: Target,
    *,
    disabled: Iterable[str] = (),
    planner: Planner = plan,
    push_rows: bool = False,
) -> Program:
    """Compiles a .tflite.

    Args:
        data: The file.
        file_name: What messages call it.
        target: Core, features, numerics and goal.
        disabled: Names of passes to leave out.
        planner: What places the tensors.
        push_rows: Whether the caller pushes the input row by row, so that the arena never holds it whole.

    Raises:
        InputError: The file is damaged, a float model, or uses what edgekit cannot compile; every
            such place at once. Or its input cannot be pushed by rows.
    """
    known = operators()
    model = read(data, file_name, known.by_name)
    require_quantized(model, file_name)
    resolved, unresolved = resolve(model)
    graph, passes = run_passes(resolved, target, disabled)
    problems = [
        Problem(f"{file_name}: {p.where}", p.what, p.expected, p.found, p.hint)
        for p in (*unresolved, *_unsupported(graph, known))
    ]
    if problems:
        raise InputError(problems)
    pushed = None
    if push_rows:
        graph, pushed = push_input(graph, known, target)
    lowering, placed = _place(graph, known, target, planner, pushed)
    lowering = placed.directed(lowering)
    result = require_valid(lowering, placed)
    return Program(
        model=model,
        target=target,
        lowering=lowering,
        plan=placed,
        inputs_preserved=result.inputs_preserved,
        passes=passes,
        macs=sum(known.by_name[node.op].macs(graph.view(node)) for node in graph.nodes),
        pushed=pushed,
    )


def lower(graph: Graph, known: Operators, target: Target) -> Lowering:
    """Lowers every node of a checked graph, by the best variant that takes it, else portably."""
    fast = variants(target)
    return Lowering(graph, tuple(_step(graph, node, known, fast, target) for node in graph.nodes))


def _place(
    graph: Graph, known: Operators, target: Target, planner: Planner, pushed: Pushed | None
) -> tuple[Lowering, Plan]:
    """Returns the lowered graph with its plan.

    Fast kernels may need scratch memory, or more distance between what they read and write, and operators
    that run together row by row need less memory but more instructions. Of all choices that stay near the
    least memory, as near as the goal asks, the cheapest is taken.
    """
    fast = lower(graph, known, target)
    if target.optimize == "speed" and pushed is None:
        return fast, planner(fast)
    candidates = Candidates(graph, known, target, pushed)
    least = smallest(candidates)
    if pushed is not None and least >= NEVER:
        first = next(graph.view(node).where for node in graph.nodes if pushed.tensor in node.inputs)
        raise refused(
            f"{first} and what follows do not go by rows", "operators that do, as convolutions and pools"
        )
    best: tuple[Lowering, Plan] | None = None
    for limit in _limits(candidates, least, target):
        choice = cheapest(candidates, limit)
        if choice is None:
            continue
        placed = planner(choice.lowering)
        if best is None or placed.arena_bytes < best[1].arena_bytes:
            best = choice.lowering, placed
        if placed.arena_bytes <= limit:
            break
    if best is None:
        if pushed is not None:
            raise refused("no way to run the first operators by rows was found", "fewer rows or channels")
        best = fast, planner(fast)
    return best


def _limits(candidates: Candidates, least: int, target: Target) -> list[int]:
    """Returns the arenas that a goal asks for, from what it likes best to the least."""
    if target.optimize == "speed":  # rows are pushed: the first group in what the others take anyway
        others = (min(way.footprint for way in ways) for ways in candidates.singles)
        return [max(int(least * _NEAR["balanced"][0]), *(size for size in others if size < NEVER))]
    limits = [int(least * near) for near in _NEAR[target.optimize]]
    if target.optimize == "ram":
        small, more = cheapest(candidates, limits[0]), int(least * _MORE)
        larger = cheapest(candidates, more)
        if small and larger and larger.cost < _MUCH_CHEAPER * small.cost:
            limits.insert(0, more)
    return limits


def _step(
    graph: Graph, node: Node, known: Operators, fast: Mapping[str, Sequence[Variant]], target: Target
) -> Step:
    view, operator = graph.view(node), known.by_name[node.op]
    for variant in fast.get(node.op, ()) if operator.plain(view) else ():
        call = variant.lower(view, target)
        if call is not None:
            return Step(node, call, variant.feature)
    return Step(node, operator.lower(view, target))


def require_quantized(model: Model, file_name: str) -> None:
    """Stops at a model that computes in float.

    Args:
        model: As read.
        file_name: What the message calls it.

    Raises:
        InputError: Its operators write float32 and none writes a quantised tensor.
    """
    graph = model.main
    written = [graph.tensors[i] for node in graph.nodes for i in node.outputs]
    floats = [tensor for tensor in written if tensor.dtype.kind == "f"]
    if not floats or any(t.dtype.kind in "iu" and t.quantization is not None for t in written):
        return
    weights = any(t.constant and t.quantization is not None and t.dtype.kind == "i" for t in graph.tensors)
    raise InputError(
        where=file_name,
        what="computes in float32" + (", though its weights are quantised" if weights else ""),
        expected="a model with int8 weights and int8 activations (full integer quantisation)",
        found=f"{len(floats)} float activations, e.g. '{floats[0].name[:80]}'",
        hint="edgekit quantize RUN; or, with TFLiteConverter, set optimizations=[Optimize.DEFAULT], a "
        "representative_dataset, supported_ops=[OpsSet.TFLITE_BUILTINS_INT8] and inference_input_type = "
        "inference_output_type = int8",
    )


def _unsupported(graph: Graph, known: Operators) -> Iterator[Problem]:
    missing: dict[str, list[str]] = {}
    for node in graph.nodes:
        operator = known.by_name.get(node.op)
        if operator is None:
            missing.setdefault(node.op, []).append(graph.view(node).where)
        else:
            yield from operator.check(graph.view(node))
    for op, places in missing.items():
        shown = "; ".join(places[:8]) + (f"; and {len(places) - 8} more" if len(places) > 8 else "")
        yield Problem(
            shown,
            f"the aot engine has no operator {op}",
            found=f"{len(places)} of {len(graph.nodes)} nodes",
            hint="`edgekit ops` lists what there is; use --engine tflm, replace the layer, or add the "
            "operator (docs/adding-an-operator.md)",
        )
    for i in graph.outputs:
        if graph.tensors[i].constant:
            yield Problem(
                f"output tensor {i} '{graph.tensors[i].name}'",
                "is a constant, not a result",
                hint="remove it from the model's outputs",
            )
    for node in graph.nodes:
        operator = known.by_name.get(node.op)
        for i in (*node.inputs, *node.outputs):
            if i != ABSENT and graph.tensors[i].variable and operator and not operator.keeps_state:
                yield Problem(
                    graph.view(node).where,
                    f"uses tensor '{graph.tensors[i].name}', which keeps its value between invocations",
                    hint="use --engine tflm",
                )
    for i in (*graph.inputs, *graph.outputs):
        if graph.tensors[i].variable:
            yield Problem(
                f"tensor {i} '{graph.tensors[i].name}'",
                "keeps its value between invocations and is an input or output of the graph",
                hint="read it through an operator",
            )

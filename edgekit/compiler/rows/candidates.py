"""What each step and each group of steps would need and cost: what the choice of groups weighs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from edgekit.compiler.graph import Graph, Node, NodeView
from edgekit.compiler.lowering import Lowering, Step
from edgekit.compiler.ops.base import Alias, KernelCall, Lowered, Operators, Target
from edgekit.compiler.placement import up
from edgekit.compiler.rows.layout import arrange
from edgekit.compiler.rows.model import Read, Stage
from edgekit.compiler.rows.pushed import Pushed, source
from edgekit.compiler.rows.schedule import run
from edgekit.compiler.rows.stages import Axis, Lower, axis_of, reads, stage
from edgekit.compiler.variants.base import Variant, variants

_SCRATCH_ALIGN = 16
_LONGEST = 6  # steps of a group
_STRIPS = (64, 32, 16, 8, 4, 2, 1)  # rows of the last step's output that are tried
_MOST_STRIPS = 2_000  # of a group
_BUDGET = 300_000  # of all groups that are tried: their strips, and for each group
_PER_GROUP = 100  # as many again
_PER_MAC = {"": 8.0, "dsp": 1.5, "mve": 0.4}  # instructions, roughly: only their order matters
_PER_ELEMENT = {"": 10.0, "dsp": 5.0, "mve": 1.5}
_PER_STRIP = 250.0
NEVER = 1 << 40  # bytes: the footprint of what cannot be
_SHARE = 0.01  # of the multiply-accumulates, below which `ram` spends no code on an operator's fast kernel


@dataclass(frozen=True, slots=True)
class Candidate:
    """A step, or steps that run together, with what it needs.

    Args:
        step: The step.
        first, last: Positions of what it stands for.
        footprint: Bytes in use while it runs, with all that lives through it.
        cost: Instructions, roughly.
    """

    step: Step
    first: int
    last: int
    footprint: int
    cost: float


class Candidates:
    """All ways to run the steps of a graph.

    Args:
        graph: A checked graph.
        known: The operators.
        target: Core and features.
        pushed: The rows that the caller pushes; None where the input lies in the arena.
    """

    def __init__(self, graph: Graph, known: Operators, target: Target, pushed: Pushed | None = None) -> None:
        self.graph, self.known, self.target, self.pushed = graph, known, target, pushed
        self._fast = _worth_their_code(graph, known, target)
        self._stages: dict[tuple[int, int, int], Stage | None] = {}
        self._groups: dict[tuple[int, int, int, tuple[int, ...]], Candidate | None] = {}
        self._budget = _BUDGET
        self._by: dict[tuple[int, int], dict[int, Read] | None] = {}
        self.lowering = Lowering(graph, tuple(self._lowered(node, 0) for node in graph.nodes))
        self._lifetimes = self.lowering.lifetimes()
        self._users: dict[int, set[int]] = {}
        for position, node in enumerate(graph.nodes):
            for tensor in node.inputs:
                self._users.setdefault(tensor, set()).add(position)

    longest = _LONGEST

    @property
    def floor(self) -> int:
        """Bytes that no choice can go below: the graph's inputs, and its outputs."""
        tensors = self.graph.tensors
        return max(
            sum(up(tensors[i].nbytes, 4) for i in set(ends))
            for ends in (self.graph.inputs, self.graph.outputs)
        )

    @cached_property
    def singles(self) -> list[list[Candidate]]:
        """Per node, a step for each kernel that can compute it, the best kernel first."""
        found = []
        for position, node in enumerate(self.graph.nodes):
            steps = [self._lowered(node, level) for level in range(self._levels(node))]
            kept = [step for i, step in enumerate(steps) if step.feature or i == len(steps) - 1]
            found.append([self._candidate(step, position, position) for step in kept])
        return found

    def group(self, first: int, last: int, rows: int, levels: tuple[int, ...]) -> Candidate | None:
        """Returns the steps `first` to `last` as a group; None where they cannot be one.

        Args:
            first, last: Positions.
            rows: Output rows of a strip of the last.
            levels: Per step, which of its kernels, 0 for the best that suits strips.
        """
        key = (first, last, rows, levels)
        if key not in self._groups:
            self._budget -= self._strips(first, last, rows) + _PER_GROUP
            if self._budget < 0:
                return None
            self._groups[key] = self._grouped(first, last, rows, levels)
        return self._groups[key]

    def rows(self, first: int, last: int) -> list[int]:
        """Returns how many rows of the last step's output strips of a group may have, most first."""
        height = self._height(last)
        return [rows for rows in _STRIPS if rows < height and self._strips(first, last, rows) <= _MOST_STRIPS]

    def _height(self, last: int) -> int:
        output = self.graph.nodes[last].outputs[0]
        axis = axis_of(self.graph, output)
        assert axis is not None
        return self.graph.tensors[output].shape[axis.index]

    def _strips(self, first: int, last: int, rows: int) -> int:
        """Returns how many strips a group has, roughly."""
        return (last - first + 1) * -(-self._height(last) // rows)

    def joinable(self, first: int, last: int) -> bool:
        """Says whether all that passes between these steps passes by rows, and to no other step."""
        if not 0 <= last - first < _LONGEST:
            return False
        starts = first == 0 and self.pushed is not None
        if not starts and (first == last or any(map(self._takes_rows, range(first, last + 1)))):
            return False
        axis = (
            axis_of(self.graph, self.graph.nodes[last].outputs[0]) if self.graph.nodes[last].outputs else None
        )
        if axis is None:
            return False
        inner = {self.pushed.tensor} if starts and self.pushed else set()
        for position in range(first, last + 1):
            by = self._reads(position, axis)
            if by is None or any(tensor in inner and not read.height for tensor, read in by.items()):
                return False
            inner.add(self.graph.nodes[position].outputs[0])
        inner.discard(self.graph.nodes[last].outputs[0])
        return not any(
            tensor in self.graph.outputs
            or not self._users.get(tensor)
            or not all(first <= user <= last for user in self._users[tensor])
            for tensor in inner
        )

    def least(self, first: int, last: int, strip: int = 1) -> int:
        """Returns what a group needs at least: whole tensors at its ends, between them a strip's rows."""
        axis = axis_of(self.graph, self.graph.nodes[last].outputs[0])
        assert axis is not None
        tensors = self.graph.tensors
        inner = [tensors[node.outputs[0]] for node in self.graph.nodes[first:last]]
        if first == 0 and self.pushed:
            inner.append(tensors[self.pushed.tensor])
        rows = sum(t.nbytes * min(strip, t.shape[axis.index]) // t.shape[axis.index] for t in inner)
        made = tensors[self.graph.nodes[last].outputs[0]].nbytes
        live = self._live(first, last)
        dying = max((size for t, size in live.items() if self._dies(t, first, last)), default=0)
        return sum(live.values()) - min(made, dying) + rows

    def levels(self, first: int, last: int) -> list[int]:
        """Returns per step how many kernels can compute it."""
        return [self._levels(node) for node in self.graph.nodes[first : last + 1]]

    def _levels(self, node: Node) -> int:
        plain = self.known.by_name[node.op].plain(self.graph.view(node))
        return 1 + (len(self._fast.get(node.op, ())) if plain else 0)

    def _lower(self, level: int) -> Lower:
        """Returns what lowers a node by its kernel number `level`, else by the portable one."""

        def lowered(view: NodeView) -> tuple[Lowered, str]:
            operator = self.known.by_name[view.node.op]
            fast = self._fast.get(view.node.op, ()) if operator.plain(view) else ()
            for variant in fast[level : level + 1]:
                call = variant.lower(view, self.target)
                if call is not None:
                    return call, variant.feature
            return operator.lower(view, self.target), ""

        return lowered

    def _lowered(self, node: Node, level: int) -> Step:
        lowered, feature = self._lower(level)(self.graph.view(node))
        return Step(node, lowered, feature)

    def _reads(self, position: int, axis: Axis) -> dict[int, Read] | None:
        key = (position, axis.index)
        if key not in self._by:
            self._by[key] = reads(self.graph, self.graph.nodes[position], self.known, axis)
        return self._by[key]

    def _grouped(self, first: int, last: int, rows: int, levels: tuple[int, ...]) -> Candidate | None:
        nodes = self.graph.nodes[first : last + 1]
        axis = axis_of(self.graph, nodes[-1].outputs[0])
        assert axis is not None
        wanted = {nodes[-1].outputs[0]: rows}
        found: list[Stage] = []
        for position in range(last, first - 1, -1):
            node, by = self.graph.nodes[position], self._reads(position, axis)
            assert by is not None
            made = self._stage(position, by, axis, wanted[node.outputs[0]], levels[position - first])
            if made is None:
                return None
            for read in made.reads:
                if read.height:
                    wanted[read.tensor] = max(wanted.get(read.tensor, 0), made.rows * read.stride)
            found.insert(0, made)
        if first == 0 and self.pushed:
            found.insert(0, source(self.pushed))
        tensors = self.graph.tensors
        row_bytes = {
            tensor: tensors[tensor].nbytes // tensors[tensor].shape[axis.index]
            for made in found
            for tensor in (*(read.tensor for read in made.reads if read.height), made.output)
        }
        group, call = arrange(found, row_bytes)
        step = Step(nodes[-1], call, group=group)
        return self._candidate(step, first, last)

    def _stage(self, position: int, by: dict[int, Read], axis: Axis, rows: int, level: int) -> Stage | None:
        """Returns a stage by the first kernel from `level` on whose strips are alike."""
        node = self.graph.nodes[position]
        for tried in range(level, self._levels(node)):
            key = (position, rows, tried)
            if key not in self._stages:
                self._stages[key] = stage(self.graph, node, by, axis, rows, self._lower(tried))
            found = self._stages[key]
            if found is not None and (found.feature or tried == self._levels(node) - 1):
                return found
        return None

    def _candidate(self, step: Step, first: int, last: int) -> Candidate:
        if step.group is None and self._takes_rows(first):
            return Candidate(step, first, last, NEVER, self._cost(step))
        live = self._live(first, last)
        footprint = sum(live.values())
        call = step.call
        if call is not None:
            footprint += up(call.scratch_bytes, _SCRATCH_ALIGN) - self._shared(call, live, first, last)
        return Candidate(step, first, last, footprint, self._cost(step))

    def _takes_rows(self, position: int) -> bool:
        """Says whether a step reads what the caller pushes."""
        read = map(self.lowering.root, self.graph.nodes[position].inputs)
        return self.pushed is not None and self.pushed.tensor in read

    def _live(self, first: int, last: int) -> dict[int, int]:
        """Returns the sizes of the tensors in use while steps run, but for those that pass between them."""
        made = {t for node in self.graph.nodes[first:last] for t in node.outputs}
        return {
            tensor: up(self.graph.tensors[tensor].nbytes, 4)
            for tensor, (start, end) in self._lifetimes.items()
            if start <= last and end >= first and tensor not in made
        }

    def _dies(self, tensor: int, first: int, last: int) -> bool:
        start, end = self._lifetimes[tensor]
        return start < first and first <= end <= last

    def _shared(self, call: KernelCall, live: dict[int, int], first: int, last: int) -> int:
        """Returns the most bytes that an input and an output may have in common."""
        best = 0
        inputs = [self.lowering.root(tensor) for tensor in call.inputs]
        for i, k in call.in_place:
            read, made = inputs[i], call.outputs[k]
            if self._dies(read, first, last) and inputs.count(read) == 1 and live[read] == live[made]:
                best = max(best, live[read])
        for pair in call.overlap:
            read, made = inputs[pair.input], call.outputs[pair.output]
            if not self._dies(read, first, last) or inputs.count(read) > 1:
                continue
            whole = live[read] + live[made]
            best = max(best, whole - max(up(pair.forward, 4) + live[read], live[made]))
            if pair.backward is not None:
                best = max(best, whole - max(live[read], up(pair.backward, 4) + live[made]))
        return best

    def _cost(self, step: Step) -> float:
        if isinstance(step.lowered, Alias):
            return 0.0
        if step.group is None:
            return self._work(step.node, step.feature)
        strips = sum(1 for _ in run(step.group.stages))
        moved = sum(
            window.row_bytes
            * sum(r.reach for s in step.group.stages for r in s.reads if r.tensor == tensor)
            / 2
            for tensor, window in step.group.windows.items()
        )
        work = sum(self._work(made.node, made.feature) for made in step.group.nodes)
        return work + _PER_STRIP * strips + moved * strips / len(step.group.stages)

    def _work(self, node: Node, feature: str) -> float:
        view = self.graph.view(node)
        macs, made = self.known.by_name[node.op].macs(view), sum(t.elements for t in view.outputs)
        return macs * _PER_MAC.get(feature, 1.0) + made * _PER_ELEMENT.get(feature, 5.0)


def _worth_their_code(graph: Graph, known: Operators, target: Target) -> dict[str, Sequence[Variant]]:
    """Returns the variants that may be chosen; for `ram` none for operators that hardly count."""
    fast = variants(target)
    if target.optimize != "ram":
        return fast
    macs: dict[str, int] = {}
    for node in graph.nodes:
        macs[node.op] = macs.get(node.op, 0) + known.by_name[node.op].macs(graph.view(node))
    least = _SHARE * sum(macs.values())
    return {op: ways for op, ways in fast.items() if not 0 < macs.get(op, 0) < least}

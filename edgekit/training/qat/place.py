"""Decides which tensors are rounded, and which share a range: where LiteRT's int8 kernels requantise."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from edgekit.errors import InputError, Problem
from edgekit.training.qat import graph
from edgekit.training.qat.kinds import Kind, fixed_range, kind_of

if TYPE_CHECKING:
    import keras


@dataclass(slots=True)
class Range:
    """One range, of one tensor or of several that must have the same scale.

    Args:
        name: Of its layer.
        fixed: Its ends, where the kernel prescribes them.
        slots: Tensors that make it up.
        layers: Names of the layers whose outputs these are.
    """

    name: str
    fixed: tuple[float, float] | None = None
    slots: int = 0
    layers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Plan:
    """Where a model is rounded.

    Args:
        after: By id of a tensor: its range, and which of the range's tensors it is (None: not one that the
            range follows).
        before: By id of a call and index of its input: what that input is rounded to once more.
        within: By id of a tensor that exists in int8: its range.
    """

    after: dict[int, tuple[Range, int | None]] = field(default_factory=dict)
    before: dict[tuple[int, int], tuple[Range, int]] = field(default_factory=dict)
    within: dict[int, Range] = field(default_factory=dict)


def place(model: keras.Model) -> Plan:
    """Returns where a split model is rounded.

    Args:
        model: As `split.split` returns it.

    Raises:
        InputError: Layers whose int8 form is not known; all of them.
    """
    placing = _Placing(model)
    problems = []
    for node in graph.calls(model):
        kind = kind_of(node.operation)
        if kind is Kind.UNKNOWN:
            problems.append(_unknown(node.operation))
            placing.same(node)
        else:
            placing.add(node, kind)
    if problems:
        raise InputError(problems)
    return placing.plan()


def _unknown(op: Any) -> Problem:
    kind = type(op).__name__
    if kind == "BatchNormalization":
        return Problem(
            f"layer '{op.name}'", "is a batch normalisation that cannot be folded",
            "directly behind a convolution or dense layer without activation, alone",
            hint="move it there, or train with post-training quantisation",
        )  # fmt: skip
    if kind == "Activation":
        kind = f"activation '{op.activation.__name__}'"
    return Problem(
        f"layer '{op.name}'", f"quantisation-aware training does not know {kind}",
        hint="use a layer that it knows (docs/qat.md), or post-training quantisation",
    )  # fmt: skip


class _Placing:
    def __init__(self, model: keras.Model) -> None:
        self.calls = graph.calls(model)
        self.makers = {id(x): node for node in self.calls for x in node.outputs}
        self.uses = Counter(id(x) for node in self.calls for x in node.input_tensors)
        self.uses.update(id(x) for x in model.outputs)
        self.parent: dict[int, int] = {}  # of tensors that share a range
        self.fixed: dict[int, tuple[float, float]] = {}
        self.rounded: dict[int, tuple[str, bool]] = {}  # tensor -> its layer's name, whether it is followed
        self.again: list[tuple[int, int, int, str]] = []
        self.fused: dict[int, int] = {}  # tensor that never exists in int8 -> what its kernel gives instead
        for x in model.inputs:
            self.rounded[id(x)] = (x._keras_history.operation.name, True)

    def root(self, tensor: int) -> int:
        while tensor in self.parent:
            tensor = self.parent[tensor]
        return tensor

    def join(self, a: int, b: int) -> None:
        a, b = self.root(a), self.root(b)
        if a != b:
            self.parent[b] = a

    def same(self, node: Any) -> None:
        for out in node.outputs:
            self.join(id(node.input_tensors[0]), id(out))

    def add(self, node: Any, kind: Kind) -> None:
        """Enters a call; those that compute its inputs have been entered."""
        out, name = id(node.outputs[0]), node.operation.name
        alone = kind is Kind.MEAN and node.input_tensors[0].shape[1:-1] == node.outputs[0].shape[1:-1]
        if kind is Kind.SAME or alone:  # the converter leaves a mean of single values out
            self.same(node)
            return
        if kind is Kind.JOINED:
            self._join_all(node)
            return
        if kind is Kind.ROUNDED:
            self.join(id(node.input_tensors[0]), out)
        if kind is Kind.FIXED:
            self.fixed[out] = fixed_range(node.operation)
        if kind is Kind.CLAMP and self._fuses(node):
            self.fused[id(node.input_tensors[0])] = out
        self.rounded[out] = (name, kind not in (Kind.FIXED, Kind.ROUNDED))

    def _fuses(self, clamp: Any) -> bool:
        """Whether a kernel does this activation along with what makes its input."""
        x = clamp.input_tensors[0]
        maker = self.makers.get(id(x))
        if maker is None or self.uses[id(x)] > 1:
            return False
        kind = kind_of(maker.operation)
        if type(clamp.operation).__name__ == "ShiftedRelu6":
            return kind is Kind.WEIGHTS  # the 3 becomes part of the bias
        return kind in (Kind.WEIGHTS, Kind.PAIR)

    def _join_all(self, node: Any) -> None:
        out = id(node.outputs[0])
        roots = [self.root(id(x)) for x in node.input_tensors]
        prescribed = {self.fixed.get(root) for root in roots}
        if len(prescribed) == 1 and None not in prescribed:
            self.join(roots[0], out)
            return
        for index, root in enumerate(roots):
            if root in self.fixed:
                self.rounded[out] = (node.operation.name, False)  # tells the converter the range
                self.again.append((id(node), index, out, node.operation.name))
            else:
                self.join(root, out)

    def plan(self) -> Plan:
        ranges: dict[int, Range] = {}
        plan = Plan()
        names: Counter[str] = Counter()

        def range_of(tensor: int, layer: str, follow: bool) -> tuple[Range, int | None]:
            root = self.root(tensor)
            if root not in ranges:
                names[layer] += 1
                name = f"{layer}_range" if names[layer] == 1 else f"{layer}_range{names[layer]}"
                ranges[root] = Range(name, self.fixed.get(root))
            made = ranges[root]
            made.layers.add(layer)
            made.slots += follow
            return made, made.slots - 1 if follow else None

        for tensor, (layer, follow) in self.rounded.items():
            if tensor not in self.fused:
                plan.after[tensor] = range_of(tensor, layer, follow)
        for tensor, out in self.fused.items():
            plan.after[out][0].layers.add(self.makers[tensor].operation.name)
        for call, index, out, layer in self.again:
            made, slot = range_of(out, layer, True)
            plan.before[call, index] = made, slot or 0
        every = [id(x) for node in self.calls for x in node.outputs] + list(self.rounded)
        plan.within = {tensor: ranges[self.root(tensor)] for tensor in every if tensor not in self.fused}
        return plan

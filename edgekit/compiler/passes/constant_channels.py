"""Channels that no input can change, and channels that nothing depends on, are not computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler import intervals, rewriting
from edgekit.compiler.graph import ABSENT, Graph, Node, NodeView, Tensor
from edgekit.compiler.ops.base import Operator, Target, operators
from edgekit.compiler.ops.common.same_bytes import SameBytes
from edgekit.compiler.ops.common.table import TableOperator
from edgekit.compiler.passes.base import Pass

_BINARY = ("ADD", "SUB", "MUL", "MINIMUM", "MAXIMUM")
_POOLS = ("AVERAGE_POOL_2D", "MAX_POOL_2D")
_MATRICES = ("CONV_2D", "FULLY_CONNECTED")  # every output channel depends on every input channel
_MULTIPLE = 4  # channels are left in multiples of it, as kernels work on several at once
_MAX_ROUNDS = 8

Mask = NDArray[np.bool_]


class ConstantChannels(Pass):
    """Removes channels that have one value, whatever the input, and channels whose value nobody uses.

    A convolution whose bias, weights and activation clamp a channel to one value is what training leaves
    of a channel that it did not need. What such a channel adds to every sum of the next convolution goes into
    that one's bias, and the weights of both, and of depthwise and elementwise operators between, go.
    """

    order = 70
    summary = "removes channels that no input can change; what they add goes into the next bias"

    def run(self, graph: Graph, target: Target) -> int:
        """Rewrites `graph` in place and returns how many places it changed."""
        known, total = operators().by_name, 0
        for _ in range(_MAX_ROUNDS):  # what is removed may free what leads to it
            removed = _Round(graph, known, intervals.ranges(graph, known, target)).run()
            total += removed
            if not removed:
                break
        return total


@dataclass(slots=True)
class _Group:
    """Tensors whose channels stay or go together.

    Args:
        tensors: Their numbers.
        inner: Nodes that work channel by channel, from tensors of the group to tensors of the group.
        writers: Convolutions and dense layers that write a tensor of the group.
        readers: Those that read one.
    """

    tensors: set[int] = field(default_factory=set)
    inner: list[Node] = field(default_factory=list)
    writers: list[Node] = field(default_factory=list)
    readers: list[Node] = field(default_factory=list)


class _Round:
    def __init__(
        self, graph: Graph, known: Mapping[str, Operator], ranges: Mapping[int, intervals.Range]
    ) -> None:
        self.graph, self.known, self.ranges = graph, known, ranges

    def run(self) -> int:
        """Returns how many channels were removed."""
        return sum(self._removed(group) for group in self._groups())

    def _groups(self) -> Iterator[_Group]:
        """Yields the groups whose channels can be removed, if they are constant or unused."""
        leader = {tensor.index: tensor.index for tensor in self.graph.tensors}

        def find(i: int) -> int:
            while leader[i] != i:
                i = leader[i]
            return i

        kinds = {}
        for node in self.graph.nodes:
            view = self.graph.view(node)
            kinds[id(node)] = kind = self._kind(view)
            if kind == "inner":
                for i in _moving(view):
                    leader[find(i)] = find(node.outputs[0])
        groups: dict[int, _Group] = {}
        barred = {find(i) for i in (*self.graph.inputs, *self.graph.outputs)}
        for tensor in self.graph.tensors:
            groups.setdefault(find(tensor.index), _Group()).tensors.add(tensor.index)
            if tensor.variable or tensor.dtype != np.int8:
                barred.add(find(tensor.index))
        for node in self.graph.nodes:
            kind = kinds[id(node)]
            if kind == "inner":
                groups[find(node.outputs[0])].inner.append(node)
            elif kind == "matrix":
                groups[find(node.outputs[0])].writers.append(node)
                groups[find(node.inputs[0])].readers.append(node)
            else:
                barred.update(find(i) for i in (*node.inputs, *node.outputs) if i != ABSENT)
        for number, group in groups.items():
            if number not in barred and group.writers and group.readers:
                yield group

    def _kind(self, view: NodeView) -> str:
        """Returns "matrix", "inner" for what works channel by channel, or "" for what must stay as it is."""
        op, operator = view.node.op, self.known.get(view.node.op)
        if operator is None or len(view.node.outputs) != 1 or not rewriting.sound(view, self.known):
            return ""
        data, output = view.optional(0), view.output()
        if data is None or data.constant or data.dtype != np.int8 or output.dtype != np.int8:
            return ""
        if op in _MATRICES:
            whole = data.shape and view.input(1).shape[-1] == data.shape[-1]
            return "matrix" if whole else ""
        channels = output.shape[-1] if output.shape else 0
        moving = [self.graph.tensors[i] for i in _moving(view)]
        if channels < 2 or any(t.shape[-1:] != (channels,) or t.dtype != np.int8 for t in moving):
            return ""
        if op == "MEAN":
            axes = view.input(1).data
            held = axes is not None and len(data.shape) - 1 not in axes.reshape(-1) % len(data.shape)
        elif op == "PAD":
            paddings = view.input(1).data
            held = paddings is not None and not paddings.reshape(-1, 2)[-1].any()
        else:
            held = isinstance(operator, (TableOperator, SameBytes)) or op in (
                *("DEPTHWISE_CONV_2D", "TABLE", "QUANTIZE"),
                *_POOLS,
                *_BINARY,
            )
        return "inner" if held else ""

    def _removed(self, group: _Group) -> int:
        """Removes what can be removed of a group; returns how many channels."""
        channels = {self.graph.tensors[i].shape[-1] for i in group.tensors}
        if len(channels) != 1:
            return 0
        gone = np.ones(channels.pop(), np.bool_)
        for node in group.readers:
            gone &= self._absorbed(self.graph.view(node))
        kept = int(np.count_nonzero(~gone))
        spare = len(gone) - max(-(-kept // _MULTIPLE) * _MULTIPLE, _MULTIPLE)
        if spare <= 0:
            return 0
        gone[np.flatnonzero(gone)[spare:]] = False
        for node in group.readers:
            self._absorb(node, gone)
        for node in group.writers:
            self._narrow(node, ~gone, 0)
        for node in group.inner:
            self._narrow_inner(node, ~gone)
        for i in group.tensors:
            tensor = self.graph.tensors[i]
            tensor.shape = (*tensor.shape[:-1], len(gone) - spare)
        return spare

    def _absorbed(self, view: NodeView) -> Mask:
        """Says of each channel of a reader's input whether its bias can stand for it."""
        data, weights = view.input(0), view.input(1).data
        assert weights is not None
        low, high = self.ranges[data.index]
        held: Mask = low == high
        if view.node.op == "CONV_2D" and intervals.padded(view):
            held = held & (low == data.q.zero_point)  # which adds nothing, as padding does
        held = held | ~weights.reshape(-1, weights.shape[-1]).any(0)
        return held

    def _absorb(self, node: Node, gone: Mask) -> None:
        """Takes channels from a reader's weights and adds what they contributed to its bias."""
        view = self.graph.view(node)
        data, weights, bias = view.input(0), view.input(1), view.optional(2)
        assert weights.data is not None
        taps = weights.data[..., gone].astype(np.int64)
        added = (taps * (self.ranges[data.index][0][gone] - data.q.zero_point)).reshape(len(taps), -1).sum(1)
        if added.any():
            old = 0 if bias is None or bias.data is None else bias.data.reshape(-1).astype(np.int64)
            q = None if bias is None else bias.quantization
            made = Tensor(0, f"{view.name}/bias", added.shape, np.dtype(np.int32), q)
            node.inputs = [*node.inputs[:2], self._constant(made, (old + added).astype(np.int32))]
        node.inputs[1] = self._constant(weights, weights.data[..., ~gone])

    def _narrow(self, node: Node, keep: Mask, axis: int) -> None:
        """Leaves some output channels of weights and bias."""
        view = self.graph.view(node)
        weights, bias = view.input(1), view.optional(2)
        assert weights.data is not None
        node.inputs = list(node.inputs)
        node.inputs[1] = self._constant(weights, np.compress(keep, weights.data, axis), keep)
        if bias is not None and bias.data is not None:
            node.inputs[2] = self._constant(bias, bias.data.reshape(-1)[keep], keep)

    def _narrow_inner(self, node: Node, keep: Mask) -> None:
        """Fits a node that works channel by channel to the channels that are left."""
        view = self.graph.view(node)
        if node.op == "DEPTHWISE_CONV_2D":
            self._narrow(node, keep, 3)
        elif node.op in _BINARY:
            for position, tensor in enumerate(view.inputs):
                data = None if tensor is None else tensor.data
                if tensor is not None and data is not None and data.shape[-1:] == keep.shape:
                    node.inputs[position] = self._constant(tensor, data[..., keep])
        elif isinstance(self.known[node.op], SameBytes):
            node.inputs = node.inputs[:1]
            shape = (*view.output().shape[:-1], int(np.count_nonzero(keep)))
            node.op, node.options = "RESHAPE", {"new_shape": list(shape)}

    def _constant(self, like: Tensor, data: NDArray[np.generic], keep: Mask | None = None) -> int:
        """Adds a constant like another, which other nodes may read, and returns its number."""
        q = like.quantization
        if q is not None and keep is not None and len(q.scales) > 1:
            q = replace(q, scales=q.scales[keep], zero_points=q.zero_points[keep])
        index = len(self.graph.tensors)
        data = np.ascontiguousarray(data)
        self.graph.tensors.append(replace(like, index=index, shape=data.shape, data=data, quantization=q))
        return index


def _moving(view: NodeView) -> list[int]:
    """Returns the inputs of a node that are no constants."""
    return [t.index for t in view.inputs if t is not None and not t.constant]


PASS = ConstantChannels()

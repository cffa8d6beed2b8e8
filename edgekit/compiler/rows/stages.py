"""Stages of a group: the kernel calls that compute a node some rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from edgekit.compiler.graph import Graph, Node, NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operators
from edgekit.compiler.ops.common import geometry
from edgekit.compiler.rows.model import Read, Stage, Strips

_MAX_SHAPES = 6  # of strips that one stage may have: each costs its parameters' flash

Lower = Callable[[NodeView], "tuple[Lowered, str]"]
"""Lowers a node; returns with it what the core must have."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The dimension whose elements are rows, of tensors in which nothing but rows lies outside it."""

    index: int

    def fits(self, shape: Sequence[int]) -> bool:
        """Says whether the rows of a tensor follow one another."""
        return len(shape) == 4 and all(extent == 1 for extent in shape[: self.index])


def axis_of(graph: Graph, tensor: int) -> Axis | None:
    """Returns the axis by which a tensor is made row by row: height, or width where that is 1."""
    shape = graph.tensors[tensor].shape
    if len(shape) != 4 or shape[0] != 1:
        return None
    return Axis(1 if shape[1] > 1 else 2)


def reads(graph: Graph, node: Node, known: Operators, axis: Axis) -> dict[int, Read] | None:
    """Returns how a node reads each tensor by rows; None where it cannot be computed by rows."""
    if len(node.outputs) != 1 or not axis.fits(graph.tensors[node.outputs[0]].shape):
        return None
    windows = known.by_name[node.op].rows(graph.view(node), axis.index)
    if windows is None:
        return None
    found = {}
    for tensor, window in windows.items():
        if window is None:
            found[tensor] = Read(tensor)
        elif axis.fits(graph.tensors[tensor].shape):
            found[tensor] = Read(tensor, window.size, window.span, window.stride, window.before)
        else:
            return None
    return found if any(read.height for read in found.values()) else None


def stage(graph: Graph, node: Node, by: dict[int, Read], axis: Axis, rows: int, lower: Lower) -> Stage | None:
    """Returns a node as a stage; None where its strips differ too much to share kernel and constants.

    Args:
        graph: The graph.
        node: A checked node.
        by: How it reads its inputs.
        axis: Of the rows.
        rows: Output rows of a strip.
        lower: What lowers each strip.
    """
    height = graph.tensors[node.outputs[0]].shape[axis.index]
    rows = min(rows, height)
    shapes: list[_Shape] = []
    strips: list[Strips] = []
    calls: list[KernelCall] = []
    feature = ""
    for begin in range(0, height, rows):
        shape = _shape(node, by, begin, min(height, begin + rows))
        if shapes and shape == shapes[-1]:
            continue
        if shape is None or len(shapes) == _MAX_SHAPES:
            return None
        lowered, feature = lower(_strip(graph, node, axis, shape))
        if not isinstance(lowered, KernelCall):
            return None
        shapes.append(shape)
        strips.append(Strips(begin, lowered.params))
        calls.append(lowered)
    if not all(_alike(*pair) for pair in pairwise(calls)) or {*calls[0].inputs} != {*by}:
        return None
    overlap = tuple(
        replace(first, forward=max(o.forward for o in same), backward=None)
        for first, *others in zip(*(call.overlap for call in calls), strict=False)
        for same in [(first, *others)]
        if all((o.input, o.output) == (first.input, first.output) for o in same)
    )
    common = replace(
        calls[0],
        scratch_bytes=max(call.scratch_bytes for call in calls),
        overlap=overlap if len({len(call.overlap) for call in calls}) == 1 else (),
    )
    return Stage(
        node,
        common,
        tuple(by[tensor] for tensor in common.inputs),
        tuple(strips),
        rows,
        height,
        feature,
    )


_Shape: TypeAlias = tuple[dict[int, int], tuple[int, int]]  # rows of each tensor; padding in front and behind


def _shape(node: Node, by: dict[int, Read], begin: int, end: int) -> _Shape | None:
    """Returns all in which a strip differs from others; None where it reads nothing but padding."""
    rows, pads = {node.outputs[0]: end - begin}, (0, 0)
    for tensor, read in by.items():
        if read.height:
            first, stop = read.first(begin), read.end(end - 1)
            start = begin * read.stride - read.before
            rows[tensor], pads = (
                stop - first,
                (first - start, (end - 1 - begin) * read.stride + read.reach + start - stop),
            )
    return (rows, pads) if min(rows.values()) > 0 else None


def _strip(graph: Graph, node: Node, axis: Axis, shape: _Shape) -> NodeView:
    """Returns a strip as a node of its own: with shorter tensors and its own padding."""
    tensors = list(graph.tensors)
    for tensor, rows in shape[0].items():
        extents = list(tensors[tensor].shape)
        extents[axis.index] = rows
        tensors[tensor] = replace(tensors[tensor], shape=tuple(extents))
    part = replace(node, options={**node.options, geometry.PADS[axis.index]: shape[1]})
    return Graph(graph.name, tensors, [part], [], []).view(part)


def _alike(one: KernelCall, other: KernelCall) -> bool:
    """Says whether two strips call one kernel with the same constants."""
    return (
        (one.kernel, one.inputs, one.outputs, one.in_place, one.states, one.listed)
        == (other.kernel, other.inputs, other.outputs, other.in_place, other.states, other.listed)
        and [c.name for c in one.constants] == [c.name for c in other.constants]
        and all(np.array_equal(a.data, b.data) for a, b in zip(one.constants, other.constants, strict=True))
        and not one.states
    )

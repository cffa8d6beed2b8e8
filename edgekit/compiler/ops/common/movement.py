"""Operators that only move elements, of any type: their output is a strided view of their input."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Alias, KernelCall, Lowered, Operator, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.geometry import merged_axes
from edgekit.errors import Problem

AXES = 6  # EK_COPY_AXES
DTYPES = ("int8", "uint8", "int16", "int32", "int64", "float32", "bool")


@dataclass(frozen=True, slots=True)
class View:
    """How an output is read off its input.

    Args:
        shape: What the output's shape must be.
        extents: The axes of the output, outermost first; an axis may be split into several.
        steps: Elements in the input between neighbours along each.
        start: Element of the input that comes first.
    """

    shape: tuple[int, ...]
    extents: tuple[int, ...]
    steps: tuple[int, ...]
    start: int = 0

    def runs(self) -> tuple[int, list[int], list[int]]:
        """Returns elements that lie together, and extents and steps of the fewest axes around them."""
        extents, (steps,) = merged_axes(self.extents, self.steps)
        run = 1
        if steps[-1] == 1:
            run = extents.pop()
            steps.pop()
        return run, extents, steps


class Movement(Operator):
    """An operator whose output is a strided view of its first input that moves.

    Class attributes:
        arguments: Least and greatest number of inputs.
        source: Position of the input whose elements move.
    """

    signatures = DTYPES
    notes = "copies"
    arguments: ClassVar[tuple[int, int]]
    source: ClassVar[int] = 0

    @abstractmethod
    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if self.checked(checks) is not None:
            runtime(checks, node.input(self.source))
        return iter(checks.problems)

    def checked(self, checks: Checks) -> View | None:
        """Returns the view of any node, its input constant or not; None after noting problems."""
        if not checks.arity(*self.arguments):
            return None
        data, output = checks.node.input(self.source), checks.node.output()
        view = self.view(checks) if same_kind(checks, data, output) else None
        if view is None or not result_shape(checks, view.shape):
            return None
        axes = len(view.runs()[1])
        held = checks.require(axes <= AXES, "moves along too many separate axes", str(AXES), str(axes))
        return view if held else None

    def evaluate(self, node: NodeView) -> NDArray[Any] | None:
        """Returns the output of a node whose input is constant; None where it is faulty."""
        view, data = self.checked(Checks(node)), node.input(self.source).data
        if view is None or data is None:
            return None
        flat = np.ascontiguousarray(data).reshape(-1)[view.start :]
        steps = tuple(step * data.itemsize for step in view.steps)
        return np.lib.stride_tricks.as_strided(flat, view.extents, steps).reshape(view.shape)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_copy, or an alias where the bytes stay as they are."""
        data, output = node.input(self.source), node.output()
        view = self.checked(Checks(node))
        assert view is not None
        run, extents, steps = view.runs()
        if run == data.elements == output.elements:
            return Alias(data.index, output.index)
        size, unused = data.dtype.itemsize, AXES - len(extents)
        return KernelCall(
            "ek_copy",
            {
                "run": run * size,
                "start": view.start * size,
                "extents": [1] * unused + extents,
                "steps": [0] * unused + [step * size for step in steps],
            },
            (data.index,),
            (output.index,),
        )


def same_kind(checks: Checks, first: Tensor, *others: Tensor) -> bool:
    """Checks that tensors hold elements of one type and quantisation, which may be absent."""
    held = checks.require(
        first.dtype.name in DTYPES,
        f"tensor '{first.name}' has an element type that is not supported here",
        ", ".join(DTYPES),
        first.dtype.name,
    )
    for other in others:
        held &= checks.require(
            other.dtype == first.dtype,
            f"tensors '{first.name}' and '{other.name}' differ in type",
            first.dtype.name,
            other.dtype.name,
        ) and _same_quantization(checks, first, other)
    return held


def _same_quantization(checks: Checks, first: Tensor, second: Tensor) -> bool:
    a, b = first.quantization, second.quantization
    if a is None or b is None:
        return True
    if a.scales.shape == a.zero_points.shape == b.scales.shape == b.zero_points.shape == (1,):
        return checks.same_quantization(first, second)
    return checks.require(
        False,
        f"tensors '{first.name}' and '{second.name}' are quantised per channel",
        "one scale and zero point",
        hint="insert a QUANTIZE, or convert the model again",
    )


def runtime(checks: Checks, *tensors: Tensor) -> bool:
    """Checks that tensors are computed when the model runs."""
    held = [
        checks.require(
            not tensor.constant,
            f"input '{tensor.name}' is constant",
            hint="leave the pass fold_constants on, or convert the model with constant folding",
        )
        for tensor in tensors
    ]
    return all(held)


def result_shape(checks: Checks, expected: Sequence[int], position: int = 0) -> bool:
    """Checks the shape of an output."""
    found = checks.node.output(position).shape
    return checks.require(
        found == tuple(expected),
        "its output shape does not follow from its input and arguments",
        str(list(expected)),
        str(list(found)),
    )


def integers(checks: Checks, position: int, count: int, what: str) -> list[int] | None:
    """Returns `count` constant integers that an input holds; None after noting a problem."""
    tensor = checks.node.input(position)
    held = checks.require(
        tensor.data is not None
        and tensor.dtype in (np.int32, np.int64)
        and len(tensor.shape) <= 1
        and tensor.elements == count,
        f"its {what} '{tensor.name}' is not usable",
        f"{count} constant integers",
        f"{'' if tensor.constant else 'computed '}{tensor.dtype.name} {list(tensor.shape)}",
    )
    if not held or tensor.data is None:
        return None
    return [int(v) for v in tensor.data.reshape(-1)]


def axis_of(checks: Checks, axis: int, rank: int) -> int | None:
    """Returns an axis counted from the front; None after noting that there is none such."""
    held = checks.require(
        -rank <= axis < rank, "has an axis that is out of range", f"below {rank}", str(axis)
    )
    return axis % rank if held else None


def dense(shape: Sequence[int]) -> list[int]:
    """Returns the step of each axis in elements."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]

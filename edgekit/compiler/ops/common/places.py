"""Operators that move runs of elements of any type to or from places that a table per axis gives."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Param, Ref, Target
from edgekit.compiler.ops.common import movement
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

AXES = 4  # EK_TAKE_AXES
LARGEST_EXTENT = 1 << 16  # of an axis with a table
_LARGEST_TENSOR = 1 << 26  # so that a place fits 32 bit


@dataclass(frozen=True, slots=True)
class Places:
    """Where the elements of an output come from, or where those of an input go.

    Args:
        shape: What the output's shape must be.
        tables: Per axis, outermost first, elements to be added up for each position.
        run: Elements that lie together.
        scatter: Whether the axes are the input's and the places the output's.
        fill: What the output is filled with first; None where every element is written anyway.
    """

    shape: tuple[int, ...]
    tables: tuple[NDArray[np.int64], ...]
    run: int
    scatter: bool = False
    fill: int | None = None

    def axes(self) -> list[NDArray[np.int64]]:
        """Returns the tables that say anything."""
        return [table for table in self.tables if table.size > 1 or table.any()]


class Taking(Operator):
    """An operator that moves runs of its first input.

    Class attributes:
        arguments: Least and greatest number of inputs.
    """

    signatures = movement.DTYPES
    notes = "copies"
    arguments: ClassVar[tuple[int, int]]

    @abstractmethod
    def places(self, checks: Checks) -> Places | None:
        """Returns the places of a node with its inputs and output there; None after noting problems."""

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(*self.arguments):
            data, output = node.input(0), node.output()
            movement.runtime(checks, data)
            if movement.same_kind(checks, data, output) and bounded(checks, data, output):
                found = self.places(checks)
                if found is not None and movement.result_shape(checks, found.shape):
                    axes = len(found.axes())
                    checks.require(axes <= AXES, "moves along too many axes", str(AXES), str(axes))
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_take."""
        found = self.places(Checks(node))
        assert found is not None
        return call(node, found)


def call(node: NodeView, found: Places) -> KernelCall:
    """Returns the call of ek_take that moves a node's first input."""
    data, output = node.input(0), node.output()
    size, axes = data.dtype.itemsize, found.axes()
    unused = AXES - len(axes)
    constants = [
        Constant(f"places{i}", (places * size).astype(np.int32), table=True) for i, places in enumerate(axes)
    ]
    tables: list[Param] = [Ref(constant.name) for constant in constants]
    return KernelCall(
        "ek_take",
        {
            "run": found.run * size,
            "extents": [1] * unused + [table.size for table in axes],
            "places": [0] * unused + tables,
            "scatter": found.scatter,
            "filled": 0 if found.fill is None else output.nbytes,
            "fill": found.fill or 0,
        },
        (data.index,),
        (output.index,),
        tuple(constants),
    )


def bounded(checks: Checks, *tensors: Tensor) -> bool:
    """Checks that tensors are small enough for tables of places."""
    return checks.require(
        all(t.nbytes <= _LARGEST_TENSOR and max(t.shape, default=1) <= LARGEST_EXTENT for t in tensors),
        "a tensor is too large",
        f"{_LARGEST_TENSOR} bytes, {LARGEST_EXTENT} along an axis",
    )


def pairs(checks: Checks, position: int, count: int, what: str) -> list[tuple[int, int]] | None:
    """Returns constant paddings or crops, [count, 2]; None after noting a problem."""
    tensor = checks.node.input(position)
    data: NDArray[Any] | None = tensor.data
    held = checks.require(
        data is not None
        and tensor.dtype in (np.int32, np.int64)
        and tensor.shape == (count, 2)
        and bool((data >= 0).all() and (data < LARGEST_EXTENT).all()),
        f"its {what} '{tensor.name}' are not usable",
        f"constant integers >= 0, [{count}, 2]",
        f"{'' if tensor.constant else 'computed '}{tensor.dtype.name} {list(tensor.shape)}",
    )
    if not held or data is None:
        return None
    return [(int(before), int(after)) for before, after in data]


def scaled(extent: int, step: int) -> NDArray[np.int64]:
    """Returns the table of an axis that is walked in order."""
    return np.arange(extent, dtype=np.int64) * step

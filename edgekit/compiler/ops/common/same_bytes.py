"""Operators that only change a tensor's shape: their output is their input's memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Alias, Lowered, Operator, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class SameBytes(Operator):
    """An operator without code.

    Class attributes:
        inputs: Least and greatest number of inputs; all but the first tell the shape, which the
            output has anyway.
    """

    signatures = ("any",)
    notes = "costs nothing"
    inputs: ClassVar[tuple[int, int]]

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(*self.inputs):
            data, output = node.input(0), node.output()
            checks.require(
                data.dtype == output.dtype and data.elements == output.elements,
                "its output does not hold the elements of its input",
                f"{data.dtype.name}, {data.elements} elements",
                f"{output.dtype.name} {list(output.shape)}",
            )
            checks.require(
                not data.constant, "its input is constant", hint="convert the model with constant folding"
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the alias."""
        return Alias(node.input(0).index, node.output().index)

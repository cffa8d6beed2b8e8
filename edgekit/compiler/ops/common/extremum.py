"""MINIMUM and MAXIMUM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Target
from edgekit.compiler.ops.common import binary, geometry, integers
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Extremum(Operator):
    """The smaller or the greater of two values.

    Class attributes:
        kernel: Its name in C.
    """

    signatures = ("int8", "int16", "int32")
    limits = "inputs and output of one quantisation; at most four separate axes of broadcasting"
    notes = "exact; both references compare values of different scales as if they were of one"
    kernel: ClassVar[str]

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if integers.plain(node, "int32"):
            integers.check(checks)
            return iter(checks.problems)
        if checks.arity(2) and checks.activations(node.input(0), node.input(1), node.output(), wide=True):
            binary.check_shapes(checks)
            for i in (0, 1):
                checks.same_quantization(node.input(i), node.output())
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of the kernel, or of its twin for a constant operand."""
        if integers.plain(node, "int32"):
            return integers.lowered(node, integers.MINIMUM if self.kernel == "minimum" else integers.MAXIMUM)
        if node.output().dtype == np.int16:
            flip = -1 if self.kernel == "minimum" else 0
            return binary.lowered_wide(node, "ek_extremum_s16", {"flip": flip})
        return binary.lowered(node, self.kernel, {})

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)

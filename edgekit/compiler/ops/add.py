"""ADD."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, elementwise, geometry, integers, sums
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Add(Operator):
    """Sum of two tensors, with broadcasting."""

    name = "ADD"
    code = 0
    options_type = 11
    options = (activation.option(0), Option("pot_scale_int16", 1, "bool", True))
    signatures = ("int8", "int16", "int32")
    limits = "at most four separate axes of broadcasting"
    notes = "both operands and the sum are rounded twice, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if integers.plain(node, "int32"):
            integers.check(checks)
            return iter(checks.problems)
        if elementwise.check(checks):
            sums.check_scales(checks)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_add_s8, ek_add_constant_s8 or ek_add_s16."""
        if integers.plain(node, "int32"):
            return integers.lowered(node, integers.ADD)
        if node.output().dtype == np.int16:
            return sums.wide(node, sign2=1)
        first, second = elementwise.operands(node)
        return elementwise.lowered(
            node,
            "add",
            {
                "zero_point1": first.q.zero_point,
                "zero_point2": second.q.zero_point,
                **sums.multipliers(node, first, second),
            },
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)


OPERATOR = Add()

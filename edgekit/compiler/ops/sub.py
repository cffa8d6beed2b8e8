"""SUB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, binary, geometry, integers, sums
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Sub(Operator):
    """Difference of two tensors, with broadcasting."""

    name = "SUB"
    code = 41
    options_type = 28
    options = (activation.option(0), Option("pot_scale_int16", 1, "bool", True))
    signatures = ("int8", "int16", "int32")
    limits = "at most four separate axes of broadcasting"
    notes = "both operands and the difference are rounded twice, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if integers.plain(node, "int32"):
            integers.check(checks)
            return iter(checks.problems)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.input(1), node.output(), wide=True)
            and activation.check(checks)
            and binary.check_shapes(checks)
        ):
            sums.check_scales(checks)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_sub_s8, ek_sub_constant_s8 or ek_add_s16."""
        if integers.plain(node, "int32"):
            return integers.lowered(node, integers.SUB)
        first, second = node.input(0), node.input(1)
        if node.output().dtype == np.int16:
            return sums.wide(node, sign2=-1)
        return binary.lowered(
            node,
            "sub",
            {
                "zero_point1": first.q.zero_point,
                "zero_point2": second.q.zero_point,
                **sums.multipliers(node, first, second),
                **activation.bounds(node.output(), activation.of(node.options)),
            },
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)


OPERATOR = Sub()

"""UNPACK."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import movement, parts
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Unpack(Operator):
    """One output per position of an axis, which they lack."""

    name = "UNPACK"
    code = 88
    options_type = 64
    options = (Option("num", 0, "int32"), Option("axis", 1, "int32"))
    signatures = movement.DTYPES
    limits = f"at most {parts.MOST} outputs"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        count = len(node.outputs)
        if checks.arity(1, outputs=max(1, count)) and checks.options(num=(count, count)):
            data = node.input(0)
            axis = movement.axis_of(checks, node.options["axis"], len(data.shape))
            if axis is not None:
                parts.check_split(checks, data, axis, [1] * count, keep_axis=False)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_split."""
        data = node.input(0)
        return parts.split(node, data, node.options["axis"] % len(data.shape))


OPERATOR = Unpack()

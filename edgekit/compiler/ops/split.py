"""SPLIT."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import movement, parts
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Split(Operator):
    """Equal parts along an axis."""

    name = "SPLIT"
    code = 49
    options_type = 35
    options = (Option("num_splits", 0, "int32"),)
    signatures = movement.DTYPES
    limits = f"a constant axis; at most {parts.MOST} parts"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2, outputs=max(1, len(node.outputs))):
            data, count = node.input(1), len(node.outputs)
            axis = _axis(checks)
            if axis is not None and checks.require(
                node.options["num_splits"] == count and data.shape[axis] % count == 0,
                "its number of splits does not divide its input, or is not that of its outputs",
                f"{count}, {data.shape[axis]} along axis {axis}",
                str(node.options["num_splits"]),
            ):
                parts.check_split(checks, data, axis, [data.shape[axis] // count] * count)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_split."""
        axis = _axis(Checks(node))
        assert axis is not None
        return parts.split(node, node.input(1), axis)


def _axis(checks: Checks) -> int | None:
    given = movement.integers(checks, 0, 1, "axis")
    return None if given is None else movement.axis_of(checks, given[0], len(checks.node.input(1).shape))


OPERATOR = Split()

"""SPLIT_V."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import movement, parts
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class SplitV(Operator):
    """Parts of given sizes along an axis."""

    name = "SPLIT_V"
    code = 102
    options_type = 79
    options = (Option("num_splits", 0, "int32"),)
    signatures = movement.DTYPES
    limits = f"constant sizes and axis; at most {parts.MOST} parts"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        count = len(node.outputs)
        if checks.arity(3, outputs=max(1, count)) and checks.options(num_splits=(count, count)):
            data, axis = node.input(0), _axis(checks)
            sizes = movement.integers(checks, 1, count, "sizes")
            if axis is not None and sizes is not None:
                given = [size for size in sizes if size != -1]
                rest = data.shape[axis] - sum(given)  # which a single -1 stands for
                sizes = [rest if size == -1 else size for size in sizes]
                if checks.require(
                    len(given) >= count - 1 and min(sizes) >= 1, "its sizes are not usable", found=str(sizes)
                ):
                    parts.check_split(checks, data, axis, sizes)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_split."""
        axis = _axis(Checks(node))
        assert axis is not None
        return parts.split(node, node.input(0), axis)


def _axis(checks: Checks) -> int | None:
    given = movement.integers(checks, 2, 1, "axis")
    return None if given is None else movement.axis_of(checks, given[0], len(checks.node.input(0).shape))


OPERATOR = SplitV()

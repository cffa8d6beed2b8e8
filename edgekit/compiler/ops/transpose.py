"""TRANSPOSE."""

from __future__ import annotations

from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import Movement, View, dense, integers


class Transpose(Movement):
    """Axes in another order."""

    name = "TRANSPOSE"
    code = 39
    options_type = 26
    arguments = (2, 2)
    limits = "a constant permutation"

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape = checks.node.input(0).shape
        order = integers(checks, 1, len(shape), "permutation")
        if order is None:
            return None
        order = [axis + len(shape) if axis < 0 else axis for axis in order]
        if not checks.require(
            sorted(order) == list(range(len(shape))), "its permutation names an axis twice", found=str(order)
        ):
            return None
        result = tuple(shape[axis] for axis in order)
        return View(result, result, tuple(dense(shape)[axis] for axis in order))


OPERATOR = Transpose()

"""BROADCAST_TO."""

from __future__ import annotations

from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.geometry import broadcast_shape, broadcast_strides
from edgekit.compiler.ops.common.movement import Movement, View, integers


class BroadcastTo(Movement):
    """A tensor repeated along the axes where its extent is 1."""

    name = "BROADCAST_TO"
    code = 130
    options_type = 104
    arguments = (2, 2)
    limits = "a constant shape"

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape, output = checks.node.input(0).shape, checks.node.output().shape
        wanted = integers(checks, 1, len(output), "shape")
        if wanted is None or not checks.require(
            broadcast_shape(shape, wanted) == tuple(wanted),
            "its input does not broadcast to its shape",
            str(wanted),
            str(list(shape)),
        ):
            return None
        return View(tuple(wanted), tuple(wanted), tuple(broadcast_strides(shape, wanted)))


OPERATOR = BroadcastTo()

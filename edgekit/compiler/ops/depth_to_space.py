"""DEPTH_TO_SPACE."""

from __future__ import annotations

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import Movement, View


class DepthToSpace(Movement):
    """Channels become blocks of pixels."""

    name = "DEPTH_TO_SPACE"
    code = 5
    options_type = 94
    options = (Option("block_size", 0, "int32"),)
    arguments = (1, 1)

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape, b = checks.node.input(0).shape, checks.node.options["block_size"]
        if not checks.require(
            len(shape) == 4 and b >= 1 and shape[3] % (b * b) == 0,
            "the square of its block size does not divide the channels",
            "[batch, height, width, channels]",
            f"{list(shape)}, block {b}",
        ):
            return None
        n, h, w, whole = shape
        c = whole // (b * b)
        return View(
            (n, h * b, w * b, c),
            (n, h, b, w, b, c),
            (h * w * whole, w * whole, b * c, whole, c, 1),
        )


OPERATOR = DepthToSpace()

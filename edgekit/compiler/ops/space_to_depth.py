"""SPACE_TO_DEPTH."""

from __future__ import annotations

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import Movement, View


class SpaceToDepth(Movement):
    """Blocks of pixels become channels."""

    name = "SPACE_TO_DEPTH"
    code = 26
    options_type = 19
    options = (Option("block_size", 0, "int32"),)
    arguments = (1, 1)

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape, b = checks.node.input(0).shape, checks.node.options["block_size"]
        if not checks.require(
            len(shape) == 4 and b >= 1 and shape[1] % b == 0 and shape[2] % b == 0,
            "its block size does not divide height and width",
            "[batch, height, width, channels]",
            f"{list(shape)}, block {b}",
        ):
            return None
        n, h, w, c = shape
        return View(
            (n, h // b, w // b, b * b * c),
            (n, h // b, w // b, b, b, c),
            (h * w * c, b * w * c, b * c, w * c, c, 1),
        )


OPERATOR = SpaceToDepth()

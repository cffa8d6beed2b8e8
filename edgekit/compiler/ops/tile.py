"""TILE."""

from __future__ import annotations

from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import Movement, View, dense, integers


class Tile(Movement):
    """A tensor repeated along its axes."""

    name = "TILE"
    code = 69
    options_type = 51
    arguments = (2, 2)
    limits = "constant multiples"
    oracles = ("litert",)

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape = checks.node.input(0).shape
        times = integers(checks, 1, len(shape), "multiples")
        if times is None or not checks.require(
            min(times, default=1) >= 1, "a multiple is below 1", found=str(times)
        ):
            return None
        pairs = [(m, n, step) for m, n, step in zip(times, shape, dense(shape), strict=True)]
        return View(
            tuple(m * n for m, n, _ in pairs),
            tuple(extent for m, n, _ in pairs for extent in (m, n)),
            tuple(step for _, _, own in pairs for step in (0, own)),
        )


OPERATOR = Tile()

"""SLICE."""

from __future__ import annotations

from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import Movement, View, dense, integers


class Slice(Movement):
    """A box out of a tensor."""

    name = "SLICE"
    code = 65
    options_type = 48
    arguments = (3, 3)
    limits = "constant begin and size"

    def view(self, checks: Checks) -> View | None:
        """Returns the view of a node with its inputs and output there; None after noting problems."""
        shape = checks.node.input(0).shape
        begin = integers(checks, 1, len(shape), "begin")
        size = integers(checks, 2, len(shape), "size")
        if begin is None or size is None:
            return None
        size = [n - b if s == -1 else s for n, b, s in zip(shape, begin, size, strict=True)]
        if not checks.require(
            all(b >= 0 and 1 <= s <= n - b for n, b, s in zip(shape, begin, size, strict=True)),
            "its slice reaches outside its input",
            f"a box in {list(shape)}",
            f"{size} from {begin}",
        ):
            return None
        steps = dense(shape)
        return View(
            tuple(size), tuple(size), tuple(steps), sum(b * s for b, s in zip(begin, steps, strict=True))
        )


OPERATOR = Slice()

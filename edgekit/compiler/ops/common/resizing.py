"""What RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR share: options and the size of the output."""

from __future__ import annotations

from edgekit.compiler.ops.base import Option
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import integers
from edgekit.compiler.ops.common.places import LARGEST_EXTENT


def options(first: int) -> tuple[Option, ...]:
    """Returns the options, from field `first` of their table on."""
    return Option("align_corners", first, "bool", False), Option(
        "half_pixel_centers", first + 1, "bool", False
    )


def size(checks: Checks) -> tuple[int, int] | None:
    """Returns height and width of the output; None after noting problems of the input or the options."""
    node = checks.node
    found = integers(checks, 1, 2, "size")
    held = checks.require(
        len(node.input(0).shape) == 4,
        "needs an input of four dimensions",
        "[batch, height, width, channels]",
        str(list(node.input(0).shape)),
    ) and checks.require(
        not (node.options["align_corners"] and node.options["half_pixel_centers"]),
        "cannot have both align_corners and half_pixel_centers",
    )
    if found is None or not held:
        return None
    if not checks.require(
        min(found) >= 1 and max(found) <= LARGEST_EXTENT, "its size is out of range", f"1 to {LARGEST_EXTENT}"
    ):
        return None
    return found[0], found[1]

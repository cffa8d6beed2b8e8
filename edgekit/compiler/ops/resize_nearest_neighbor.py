"""RESIZE_NEAREST_NEIGHBOR."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.ops.common import resizing
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.movement import dense
from edgekit.compiler.ops.common.places import Places, Taking, scaled


class ResizeNearestNeighbor(Taking):
    """A picture of another size, each pixel the nearest of the input."""

    name = "RESIZE_NEAREST_NEIGHBOR"
    code = 97
    options_type = 74
    options = resizing.options(0)
    arguments = (2, 2)
    limits = "a constant size; not both align_corners and half_pixel_centers"

    def places(self, checks: Checks) -> Places | None:
        """Returns the places of a node with its inputs and output there; None after noting problems."""
        size = resizing.size(checks)
        if size is None:
            return None
        batches, height, width, channels = checks.node.input(0).shape
        steps = dense((batches, height, width, channels))
        options = checks.node.options
        rows, columns = (
            nearest(n, made, options["align_corners"], options["half_pixel_centers"])
            for n, made in zip((height, width), size, strict=True)
        )
        tables = (scaled(batches, steps[0]), rows * steps[1], columns * steps[2])
        return Places((batches, *size, channels), tables, channels)


def nearest(extent: int, made: int, align_corners: bool, half_pixel_centers: bool) -> NDArray[np.int64]:
    """Returns the nearest position of the input for each of the output, as the references do in float32."""
    whole = np.float32
    aligned = align_corners and made > 1
    scale = whole(extent - 1) / whole(made - 1) if aligned else whole(extent) / whole(made)
    real = (np.arange(made).astype(whole) + whole(0.5 if half_pixel_centers else 0.0)) * scale
    # All are >= 0, so half away from zero is half up; 0.5 is added in float64, where the sum is exact.
    found = np.floor(real.astype(np.float64) + (0.5 if align_corners else 0.0))
    return np.minimum(found.astype(np.int64), extent - 1)


OPERATOR = ResizeNearestNeighbor()

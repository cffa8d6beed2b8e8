"""RESIZE_BILINEAR."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Ref, Target
from edgekit.compiler.ops.common import movement, resizing
from edgekit.compiler.ops.common.checks import Checks
from edgekit.compiler.ops.common.places import bounded
from edgekit.errors import Problem

_ONE = 1 << 10  # positions and weights are in steps of 1/1024


class ResizeBilinear(Operator):
    """A picture of another size, each pixel between four of the input."""

    name = "RESIZE_BILINEAR"
    code = 23
    options_type = 15
    options = resizing.options(2)
    limits = "a constant size; not both align_corners and half_pixel_centers"
    notes = "positions in steps of 1/1024, rounds to nearest, half away from zero"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(2) and checks.activations(node.input(0), node.output()):
            data, output = node.input(0), node.output()
            movement.runtime(checks, data)
            if checks.same_quantization(data, output) and bounded(checks, data, output):
                size = resizing.size(checks)
                if size is not None:
                    movement.result_shape(checks, (data.shape[0], *size, data.shape[3]))
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_resize_bilinear_s8."""
        data, output = node.input(0), node.output()
        batches, height, width, channels = data.shape
        constants: list[Constant] = []
        for name, extent, made, step in (
            ("rows", height, output.shape[1], width * channels),
            ("columns", width, output.shape[2], channels),
        ):
            low, high, weights = between(extent, made, **node.options)
            constants += [
                Constant(f"{name}_low", (low * step).astype(np.int32), table=True),
                Constant(f"{name}_high", (high * step).astype(np.int32), table=True),
                Constant(f"{name}_weights", weights.astype(np.int16), table=True),
            ]
        return KernelCall(
            "ek_resize_bilinear_s8",
            {
                "batches": batches,
                "input_size": height * width * channels,
                "channels": channels,
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                **{
                    axis: {field: Ref(f"{axis}_{field}") for field in ("low", "high", "weights")}
                    for axis in ("rows", "columns")
                },
            },
            (data.index,),
            (output.index,),
            tuple(constants),
        )


def between(
    extent: int, made: int, *, align_corners: bool, half_pixel_centers: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Returns, for each position of the output, the two of the input around it and the weight of the second.

    Args:
        extent: Of the input.
        made: Extent of the output.
        align_corners, half_pixel_centers: How positions correspond.
    """
    aligned = align_corners and made > 1
    spans, steps = (extent - 1, made - 1) if aligned else (extent, made)
    scale = (_ONE * spans + steps // 2) // steps
    position = np.arange(made, dtype=np.int64) * scale
    if half_pixel_centers:
        position += scale // 2 - _ONE // 2
    # Positions before the first pixel or behind the last have one pixel on both sides; where rounding
    # of the scale leads further, the references read outside their input.
    position = np.clip(position, 0, _ONE * (extent - 1))
    low = position // _ONE
    return low, np.minimum(low + 1, extent - 1), position - _ONE * low


OPERATOR = ResizeBilinear()

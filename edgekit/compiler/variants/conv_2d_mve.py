"""CONV_2D with Helium."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import filters, overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, conv, dense, is_int8, matrix


class Conv2DMve(Variant):
    """Tiles of four pixels by two channels, whose windows are copied to the scratch memory."""

    op = "CONV_2D"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_conv2d_s8_mve; None where grouped, dilated or scaled up."""
        data, output = node.input(0), node.output()
        vertical, horizontal = filters.windows(node)
        grouped = node.input(1).shape[3] != data.shape[3]
        if not is_int8(node) or grouped or vertical.dilation > 1 or horizontal.dilation > 1:
            return None
        rounding = matrix.rounds_twice(node, output.shape[3])
        if rounding is None:
            return None
        pointwise = vertical.kernel * horizontal.kernel == 1 and data.shape[1:3] == output.shape[1:3]
        pixels = data.elements // data.shape[3]
        row = dense.lowered(node, rounding) if pointwise and pixels == 1 and conv.dense_pays(node) else None
        if row is not None:
            return row
        overlaps = overlap.of_windows(data, output, vertical, horizontal, gathers=True, backward=True)
        if pointwise:
            return conv.pixels(node, rounding, pixels, overlaps)
        framed = target.optimize == "speed"
        return conv.windows(node, rounding, (vertical, horizontal), overlaps, framed=framed)


VARIANT = Conv2DMve()

"""DEPTHWISE_CONV_2D of 3 x 3 and stride 1 by SIMD multiplication, for small pictures."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.variants import depthwise_conv_2d_3x3_dsp as rows
from edgekit.compiler.variants.base import Variant

_HEIGHT = 30  # rows that the kernel's scratch holds
_COLUMN = 256  # bytes of scratch
_KEPT = ("stream", "batches", "channels", "input_zero_point", "centre", "clamped", "low", "high")


class DepthwiseConv2D3x3PlanesDsp(Variant):
    """A column of a channel at a time, from all rows at once; costs RAM, so it is taken for speed alone."""

    op = "DEPTHWISE_CONV_2D"
    feature = "dsp"
    priority = 2

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_depthwise_conv2d_3x3_planes_s8_dsp, or None where it does not fit."""
        call = rows.VARIANT.lower(node, target) if target.optimize == "speed" else None
        shape = node.output().shape
        if call is None or shape != node.input(0).shape or not rows.rectified(node):
            return None
        _, height, width, _ = shape
        if height > _HEIGHT or width < 3 or width % 2 == 0:
            return None
        kept = {name: call.params[name] for name in _KEPT}
        return replace(
            call,
            kernel="ek_depthwise_conv2d_3x3_planes_s8_dsp",
            params={**kept, "height": height, "width": width},
            scratch_bytes=_COLUMN * width,
        )


VARIANT = DepthwiseConv2D3x3PlanesDsp()

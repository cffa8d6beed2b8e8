"""AVERAGE_POOL_2D over a whole input, four channels at a time."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import activation
from edgekit.compiler.variants.base import Variant


class AveragePool2DDsp(Variant):
    """Sums of four channels in two words of two halfwords."""

    op = "AVERAGE_POOL_2D"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_average_pool_s8_dsp, or None where the window is not the whole input."""
        data, output, o = node.input(0), node.output(), node.options
        batches, height, width, channels = data.shape
        if (
            channels % 4
            or output.shape[1:3] != (1, 1)
            or o["filter_height"] < height
            or o["filter_width"] < width
        ):
            return None
        low, high = activation.clamp(output, activation.of(o))
        return KernelCall(
            "ek_average_pool_s8_dsp",
            {"batches": batches, "rows": height * width, "channels": channels, "low": low, "high": high},
            (data.index,),
            (output.index,),
        )


VARIANT = AveragePool2DDsp()

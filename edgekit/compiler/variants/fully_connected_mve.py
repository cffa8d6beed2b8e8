"""FULLY_CONNECTED with Helium: a convolution whose windows are one pixel each."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.conv_2d_mve import call
from edgekit.compiler.variants.mve import PRIORITY, is_int8, matrix


class FullyConnectedMve(Variant):
    """Eight outputs of a row at once, or four outputs of two rows."""

    op = "FULLY_CONNECTED"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_conv2d_s8_mve; None where its rounding does not fit."""
        if not is_int8(node):
            return None
        outputs, inputs = node.input(1).shape
        batches = node.input(0).elements // inputs
        if target.numerics == "litert":
            rounding = matrix.rounds_once(node, outputs) if batches == 1 else None
        else:
            rounding = matrix.rounds_twice(node, outputs)
        if rounding is None:
            return None
        return call(
            node,
            rounding,
            {
                "batches": 1,
                "input_height": 1,
                "input_width": batches,
                "input_channels": inputs,
                "output_height": 1,
                "output_width": batches,
                "kernel_height": 1,
                "kernel_width": 1,
                "stride_height": 1,
                "stride_width": 1,
                "pad_top": 0,
                "pad_left": 0,
                "pointwise": True,
            },
        )


VARIANT = FullyConnectedMve()

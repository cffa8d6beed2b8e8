"""MUL by a vector with one factor per channel, as squeeze-and-excite blocks have it."""

from __future__ import annotations

import math

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target, operators
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import packing


class MulDsp(Variant):
    """Channel by channel, whose factor stays in a register."""

    op = "MUL"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_mul_s8_dsp, or None where it is no product with a vector."""
        first, second, output = node.input(0), node.input(1), node.output()
        whole, vector = (first, second) if first.shape == output.shape else (second, first)
        channels = output.shape[-1] if output.shape else 1
        rows = math.prod(output.shape[:-1])
        if whole.shape != output.shape or vector.elements != channels or vector.shape[-1:] != (channels,):
            return None
        if rows < 2 or whole.constant or vector.constant:
            return None
        portable = operators().by_name[self.op].lower(node, target)
        assert isinstance(portable, KernelCall)
        multiplier, shift = portable.params["multiplier"], portable.params["shift"]
        assert isinstance(multiplier, int) and isinstance(shift, int)
        if not packing.shift_fits(-shift):
            return None
        return KernelCall(
            "ek_mul_s8_dsp",
            {
                "rows": rows,
                "channels": channels,
                "zero_point": whole.q.zero_point,
                "vector_zero_point": vector.q.zero_point,
                "multiplier": multiplier,
                "shift": -shift,
                **packing.clamp(node),
            },
            (whole.index, vector.index),
            (output.index,),
            in_place=((0, 0),),
        )


VARIANT = MulDsp()

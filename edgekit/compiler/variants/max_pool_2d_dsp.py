"""MAX_POOL_2D, four channels at a time."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target, operators
from edgekit.compiler.variants.base import Variant


class MaxPool2DDsp(Variant):
    """Compares the bytes of whole words."""

    op = "MAX_POOL_2D"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_max_pool_s8_dsp, or None where the channels are no multiple of four."""
        portable = operators().by_name[self.op].lower(node, target)
        assert isinstance(portable, KernelCall)
        p = portable.params
        if node.input(0).shape[3] % 4:
            return None
        clamped = (p["low"], p["high"]) != (-128, 127)
        return replace(portable, kernel="ek_max_pool_s8_dsp", params={**p, "clamped": clamped})


VARIANT = MaxPool2DDsp()

"""AVERAGE_POOL_2D with Helium."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.average_pool_2d import OPERATOR
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8

_MAX_TAPS = 4096  # for which the division by multiplication is proven


class AveragePool2DMve(Variant):
    """Sixteen channels at once."""

    op = "AVERAGE_POOL_2D"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_average_pool_s8_mve; None where not int8 or a window is huge."""
        options = node.options
        if not is_int8(node) or options["filter_height"] * options["filter_width"] > _MAX_TAPS:
            return None
        call = OPERATOR.lower(node, target)
        assert isinstance(call, KernelCall)
        return replace(call, kernel="ek_average_pool_s8_mve")


VARIANT = AveragePool2DMve()

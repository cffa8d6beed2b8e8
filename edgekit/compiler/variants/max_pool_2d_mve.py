"""MAX_POOL_2D with Helium."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.max_pool_2d import OPERATOR
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8


class MaxPool2DMve(Variant):
    """Sixteen channels at once."""

    op = "MAX_POOL_2D"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_max_pool_s8_mve; None where not int8."""
        if not is_int8(node):
            return None
        call = OPERATOR.lower(node, target)
        assert isinstance(call, KernelCall)
        return replace(call, kernel="ek_max_pool_s8_mve")


VARIANT = MaxPool2DMve()

"""MUL with Helium."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.mul import OPERATOR
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8


class MulMve(Variant):
    """Four products at once."""

    op = "MUL"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_mul_s8_mve; None for a constant, a broadcast inner axis or a left shift."""
        if not is_int8(node):
            return None
        call = OPERATOR.lower(node, target)
        if not isinstance(call, KernelCall) or call.kernel != "ek_mul_s8":
            return None
        walk, shift = call.params["walk"], call.params["shift"]
        assert isinstance(walk, dict) and isinstance(shift, int)
        if walk["steps1"][-1] != 1 or walk["steps2"][-1] != 1 or shift >= 0:
            return None
        return replace(call, kernel="ek_mul_s8_mve")


VARIANT = MulMve()

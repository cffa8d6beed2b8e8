"""MEAN with Helium."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import reduction
from edgekit.compiler.ops.mean import OPERATOR
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8


class MeanMve(Variant):
    """Sixteen neighbouring channels at once."""

    op = "MEAN"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_mean_s8_mve; None where channels are reduced or axes lie apart."""
        if not is_int8(node):
            return None
        call = OPERATOR.lower(node, target)
        axes = reduction.axes(node)
        inner, (reduced, steps) = axes["kept_steps"], (axes["reduced_extents"], axes["reduced_steps"])
        assert isinstance(call, KernelCall)
        assert isinstance(inner, list) and isinstance(reduced, list) and isinstance(steps, list)
        if inner[2] != 1 or reduced[:2] != [1, 1] or steps[2] < 1:
            return None
        return replace(call, kernel="ek_mean_s8_mve")


VARIANT = MeanMve()

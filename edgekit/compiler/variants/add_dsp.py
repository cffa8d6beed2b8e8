"""ADD of two tensors as a proven linear form."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import linear


class AddDsp(Variant):
    """Sum of two tensors of one shape, four elements at a time."""

    op = "ADD"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_linear_s8_dsp, or None where shapes differ or no form is found."""
        return linear.lowered(node, 1, target)


VARIANT = AddDsp()

"""FULLY_CONNECTED by SIMD multiplication."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.dsp import dense


class FullyConnectedDsp(Variant):
    """Four channels at a time, weights of two channels in common halfwords."""

    op = "FULLY_CONNECTED"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_fully_connected_s8_dsp, or None where its arithmetic does not fit."""
        return dense.lowered(node, target, once=target.numerics == "litert")


VARIANT = FullyConnectedDsp()

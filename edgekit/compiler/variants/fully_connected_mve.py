"""FULLY_CONNECTED with Helium."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import overlap
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, conv, dense, is_int8, matrix


class FullyConnectedMve(Variant):
    """Eight outputs of one row at once, or a convolution whose windows are one pixel each."""

    op = "FULLY_CONNECTED"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of its kernel; None where its rounding does not fit."""
        if not is_int8(node):
            return None
        outputs, inputs = node.input(1).shape
        rows = node.input(0).elements // inputs
        if target.numerics == "litert":
            rounding = matrix.rounds_once(node, outputs) if rows == 1 else None
        else:
            rounding = matrix.rounds_twice(node, outputs)
        if rounding is None:
            return None
        row = dense.lowered(node, rounding) if rows == 1 else None
        if row is not None or rounding.once:
            return row
        return conv.pixels(node, rounding, rows, overlap.of_rows(rows, inputs, outputs))


VARIANT = FullyConnectedMve()

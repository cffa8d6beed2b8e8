"""MUL with Helium."""

from __future__ import annotations

from dataclasses import replace

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target
from edgekit.compiler.ops.common import activation
from edgekit.compiler.ops.mul import OPERATOR
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8


class MulMve(Variant):
    """Eight products at once; of one row for all rows, eight channels stay in a register."""

    op = "MUL"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_mul_s8_mve; None for a constant, a broadcast inner axis or a left shift."""
        if not is_int8(node) or node.input(0).constant or node.input(1).constant:
            return None
        call = OPERATOR.lower(node, target)
        assert isinstance(call, KernelCall)
        walk, shift = call.params["walk"], call.params["shift"]
        assert isinstance(walk, dict) and isinstance(shift, int)
        extents, steps = walk["extents"], [walk["steps1"], walk["steps2"]]
        if steps[0][-1] != 1 or steps[1][-1] != 1 or shift >= 0:
            return None
        points = [node.input(i).q.zero_point for i in (0, 1)]
        clamp = activation.clamp(node.output(), activation.of(node.options))
        # Negative values do not occur where both zero points are least, or end below a clamp at zero.
        fix = points != [-128, -128] and clamp[0] < node.output().q.zero_point
        inputs, in_place = call.inputs, call.in_place
        if extents[-2] > 1 and steps[0][-2] == 0:
            steps, points, inputs = steps[::-1], points[::-1], inputs[::-1]
            in_place = tuple((1 - i, o) for i, o in in_place)
        return replace(
            call,
            kernel="ek_mul_s8_mve",
            inputs=inputs,
            in_place=in_place,
            params={
                "walk": {"extents": extents, "steps1": steps[0], "steps2": steps[1]},
                "zero_point1": points[0],
                "zero_point2": points[1],
                "multiplier": call.params["multiplier"],
                "shift": shift,
                "fix": int(fix),
                "output_zero_point": node.output().q.zero_point,
                "low": clamp[0],
                "high": clamp[1],
            },
        )


VARIANT = MulMve()

"""SUM."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import reduction
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier


class Sum(Operator):
    """Sum over any axes."""

    name = "SUM"
    code = 74
    options_type = 27
    options = (Option("keep_dims", 0, "bool", False),)
    signatures = ("int8", "int16")
    limits = "constant axes; at most three separate groups of kept and of reduced axes"
    oracles = ("tflm",)
    notes = "rounds twice, in both profiles; LiteRT's reference kernel gives one value for any input"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.output(), wide=True)
            and reduction.check(checks)
        ):
            ratio = node.input(0).q.scale / node.output().q.scale
            widest = 255 if node.input(0).dtype == np.int8 else 1 << 15
            largest = widest * reduction.count(node)
            checks.require(
                ratio > 2.0**-30 and largest * max(1.0, 2 * ratio) < 1 << 31,
                "its scales are out of proportion, or it reduces too many values",
                "input scale / output scale above 1e-9, and sums within 31 bit",
                f"{ratio:g}, {largest}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_mean_s8 or ek_mean_s16, which sums and rescales."""
        data, output = node.input(0), node.output()
        multiplier, shift = quantize_multiplier(data.q.scale / output.q.scale)
        return KernelCall(
            f"ek_mean_s{8 * data.dtype.itemsize}",
            {
                **reduction.axes(node),
                "offset": -data.q.zero_point * reduction.count(node),
                "multiplier": multiplier,
                "shift": shift,
                "output_zero_point": output.q.zero_point,
            },
            (data.index,),
            (output.index,),
        )


OPERATOR = Sum()

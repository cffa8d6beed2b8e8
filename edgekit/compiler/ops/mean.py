"""MEAN."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Overlap, Target
from edgekit.compiler.ops.common import reduction
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_LARGEST_COUNT = 1 << 23  # 2^23 values of magnitude 2^8 fit 31 bit


class Mean(Operator):
    """Mean over any axes."""

    name = "MEAN"
    code = 40
    options_type = 27
    options = (Option("keep_dims", 0, "bool", False),)
    signatures = ("int8", "int16")
    limits = "constant axes; at most three separate groups of kept and of reduced axes"
    notes = "the division is folded into the multiplier, cut off; rounds twice, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.output(), wide=True)
            and reduction.check(checks)
        ):
            ratio = node.input(0).q.scale / node.output().q.scale
            count = reduction.count(node)
            most = _LARGEST_COUNT if node.input(0).dtype == np.int8 else 1 << 15
            checks.require(count <= most, "reduces too many values", str(most), str(count))
            checks.require(
                2.0**-30 < ratio < 2.0**21,
                "its scales are out of proportion",
                "input scale / output scale between 1e-9 and 2^21",
                f"{ratio:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_mean_s8 or ek_mean_s16."""
        data, output = node.input(0), node.output()
        count = reduction.count(node)
        multiplier, shift = quantize_multiplier(data.q.scale / output.q.scale)
        bits = min(count.bit_length() - 1, 31 + shift)
        return KernelCall(
            f"ek_mean_s{8 * data.dtype.itemsize}",
            {
                **reduction.axes(node),
                "offset": -data.q.zero_point * count,
                "multiplier": (multiplier << bits) // count,
                "shift": shift - bits,
                "output_zero_point": output.q.zero_point,
            },
            (data.index,),
            (output.index,),
            overlap=(Overlap(0, 0, 0, by_channel=True),),  # no output lies beyond the first value it reduces
        )


OPERATOR = Mean()

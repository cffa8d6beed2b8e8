"""REDUCE_MAX and REDUCE_MIN."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import reduction
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class ReducedExtremum(Operator):
    """The greatest or the least value over any axes."""

    options_type = 27
    options = (Option("keep_dims", 0, "bool", False),)
    signatures = ("int8", "int16")
    limits = "input and output of one quantisation; constant axes; at most three separate groups of each"
    notes = "exact; TFLM lacks int16"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if (
            checks.arity(2)
            and checks.activations(node.input(0), node.output(), wide=True)
            and reduction.check(checks)
        ):
            checks.same_quantization(node.input(0), node.output())
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_reduce_max; the least value is the greatest of the complements."""
        return KernelCall(
            f"ek_reduce_max_s{8 * node.input(0).dtype.itemsize}",
            {**reduction.axes(node), "flip": -1 if self.name == "REDUCE_MIN" else 0},
            (node.input(0).index,),
            (node.output().index,),
        )

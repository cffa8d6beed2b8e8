"""L2_NORMALIZATION."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Target
from edgekit.compiler.ops.common import activation, table
from edgekit.compiler.ops.common.checks import INT32_MAX, Checks
from edgekit.errors import Problem

_DEEPEST = INT32_MAX // 255**2


class L2Normalization(Operator):
    """x / square root of the sum of squares along the last axis."""

    name = "L2_NORMALIZATION"
    code = 11
    options_type = 12
    options = (activation.option(0),)
    limits = f"output scale 1/128, zero point 0; at most {_DEEPEST} values along the last axis"
    notes = "gemmlowp's fixed point in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1) and checks.activations(node.input(0), node.output()):
            data, output = node.input(0), node.output()
            table.require_output(checks, output, 1 / 128, 0)
            checks.options(fused_activation_function=(0, 0))
            checks.require(
                data.shape == output.shape and len(data.shape) >= 1 and data.shape[-1] <= _DEEPEST,
                "its input or output has a wrong shape",
                f"the same, at most {_DEEPEST} along the last axis",
                f"{list(data.shape)} -> {list(output.shape)}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_l2_normalization_s8."""
        data, output = node.input(0), node.output()
        return KernelCall(
            "ek_l2_normalization_s8",
            {
                "rows": data.elements // data.shape[-1],
                "depth": data.shape[-1],
                "zero_point": data.q.zero_point,
            },
            (data.index,),
            (output.index,),
            in_place=((0, 0),),
        )


OPERATOR = L2Normalization()

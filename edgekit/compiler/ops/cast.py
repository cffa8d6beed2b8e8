"""CAST."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common.binary import NUMBERS
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Cast(Operator):
    """The same number in another element type."""

    name = "CAST"
    code = 53
    options_type = 37
    options = (Option("in_data_type", 0, "int8"), Option("out_data_type", 1, "int8"))
    signatures = ("bool, uint8, int8, int16, int32 or float32 -> any of these",)
    notes = (
        "keeps the low bits where an integer type is narrower; float32 is cut off and saturates, NaN is 0; "
        "TFLM lacks uint8"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1):
            data, output = node.input(0), node.output()
            checks.typed(data, *NUMBERS)
            checks.typed(output, *NUMBERS)
            checks.require(not data.constant, "its input is constant", hint="convert with constant folding")
            checks.require(
                data.shape == output.shape,
                "its output differs from its input in shape",
                str(list(data.shape)),
                str(list(output.shape)),
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_cast."""
        data, output = node.input(0), node.output()
        return KernelCall(
            "ek_cast",
            {
                "count": output.elements,
                "from": NUMBERS[data.dtype.name],
                "to": NUMBERS[output.dtype.name],
            },
            (data.index,),
            (output.index,),
        )


OPERATOR = Cast()

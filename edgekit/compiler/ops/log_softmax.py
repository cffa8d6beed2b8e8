"""LOG_SOFTMAX."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Target
from edgekit.compiler.ops.common import table
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import INT31_MAX, quantize_multiplier

_DEEPEST = 4095  # the sum of so many exp(0), 12 integer bits, fits 31 bit
_INTEGER_BITS = 5  # of a scaled difference


class LogSoftmax(Operator):
    """x - log(sum of exp(x)) along the last axis."""

    name = "LOG_SOFTMAX"
    code = 50
    options_type = 36
    limits = f"output scale 1/16, zero point 127; at most {_DEEPEST} classes"
    notes = "gemmlowp's fixed point in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1) and checks.activations(node.input(0), node.output()):
            data, output = node.input(0), node.output()
            table.require_output(checks, output, 1 / 16, 127)
            checks.require(
                data.shape == output.shape and len(data.shape) >= 1 and data.shape[-1] <= _DEEPEST,
                "its input or output has a wrong shape",
                f"the same, at most {_DEEPEST} along the last axis",
                f"{list(data.shape)} -> {list(output.shape)}",
            )
            checks.require(
                data.q.scale > 2.0**-24, "its input scale is out of range", "above 2^-24", f"{data.q.scale:g}"
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_log_softmax_s8."""
        data, output = node.input(0), node.output()
        fraction = 31 - _INTEGER_BITS
        real = min(data.q.scale * (1 << fraction), float(INT31_MAX))
        mantissa, shift = math.frexp(real)
        multiplier = math.floor(mantissa * (1 << 31) + 0.5)
        if multiplier == 1 << 31:
            multiplier, shift = multiplier // 2, shift + 1
        inverse, inverse_shift = quantize_multiplier((1 << (31 - shift)) / multiplier)
        return KernelCall(
            "ek_log_softmax_s8",
            {
                "rows": data.elements // data.shape[-1],
                "depth": data.shape[-1],
                "multiplier": multiplier,
                "shift": shift,
                "inverse_multiplier": inverse,
                "inverse_shift": inverse_shift,
                "lowest_difference": -((((1 << _INTEGER_BITS) - 1) << fraction) >> shift),
            },
            (data.index,),
            (output.index,),
            in_place=((0, 0),),
        )


OPERATOR = LogSoftmax()

"""SOFTMAX."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import table
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_DEEPEST = 4095  # the sum of so many exp(0), 12 integer bits, fits 31 bit
_INTEGER_BITS = 5  # of a scaled difference


class Softmax(Operator):
    """exp(beta x) / sum of exp(beta x) along the last axis."""

    name = "SOFTMAX"
    code = 25
    options_type = 9
    options = (Option("beta", 0, "float32", 0.0),)
    limits = f"output scale 1/256, zero point -128; at most {_DEEPEST} classes"
    notes = "gemmlowp's fixed point in both profiles; LiteRT aborts where 512 or more classes are about equal"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1) and checks.activations(node.input(0), node.output()):
            data, output, beta = node.input(0), node.output(), node.options["beta"]
            table.require_output(checks, output, 1 / 256, -128)
            checks.require(
                data.shape == output.shape and len(data.shape) >= 1 and data.shape[-1] <= _DEEPEST,
                "its input or output has a wrong shape",
                f"the same, at most {_DEEPEST} along the last axis",
                f"{list(data.shape)} -> {list(output.shape)}",
            )
            checks.require(
                math.isfinite(beta) and beta > 0 and beta * data.q.scale * (1 << 26) > 1,
                "its beta is out of range",
                "above 0, and not vanishing beside the input scale",
                f"{beta:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_softmax_s8."""
        data, output = node.input(0), node.output()
        fraction = 31 - _INTEGER_BITS
        real = min(node.options["beta"] * data.q.scale * (1 << fraction), float((1 << 31) - 1))
        mantissa, shift = math.frexp(real)
        multiplier = math.floor(mantissa * (1 << 31) + 0.5)
        if multiplier == 1 << 31:
            multiplier, shift = multiplier // 2, shift + 1
        radius = (((1 << _INTEGER_BITS) - 1) << fraction) >> shift
        return KernelCall(
            "ek_softmax_s8",
            {
                "rows": data.elements // data.shape[-1],
                "depth": data.shape[-1],
                "multiplier": multiplier,
                "shift": shift,
                "lowest_difference": -min(radius, 256),
            },
            (data.index,),
            (output.index,),
            in_place=((0, 0),),
        )


OPERATOR = Softmax()

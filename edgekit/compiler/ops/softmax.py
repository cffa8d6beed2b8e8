"""SOFTMAX."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Param, Ref, Target
from edgekit.compiler.ops.common import table, wide_functions
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier

_DEEPEST = 4095  # the sum of so many exp(0), 12 integer bits, fits 31 bit
_WIDEST_STEP = 2.5  # of an int16 input; beyond it a shift leaves 32 bit
_INTEGER_BITS = 5  # of a scaled difference


class Softmax(Operator):
    """exp(beta x) / sum of exp(beta x) along the last axis."""

    name = "SOFTMAX"
    code = 25
    options_type = 9
    options = (Option("beta", 0, "float32", 0.0),)
    signatures = ("int8", "int8 -> int16", "int16")
    limits = (
        "output scale 1/256, zero point -128; int16: 1/32768, 0; int8 to int16: 1/65536, -32768; at most "
        f"{_DEEPEST} classes"
    )
    notes = (
        "gemmlowp's fixed point in both profiles; LiteRT aborts where 512 or more classes are about equal; "
        "int16: interpolated tables in both"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1) and _typed(checks):
            data, output, beta = node.input(0), node.output(), node.options["beta"]
            if data.dtype == np.int8:
                width = 8 * output.dtype.itemsize
                table.require_output(checks, output, 2.0**-width, -(1 << (width - 1)))
            else:
                table.require_output(checks, output, 1 / 32768, 0)
                checks.require(
                    beta * data.q.scale < _WIDEST_STEP, "its beta is out of range", "beta x scale below 2.5"
                )
            checks.require(
                data.shape == output.shape and len(data.shape) >= 1 and data.shape[-1] <= _DEEPEST,
                "its input or output has a wrong shape",
                f"the same, at most {_DEEPEST} along the last axis",
                f"{list(data.shape)} -> {list(output.shape)}",
            )
            checks.require(
                math.isfinite(beta)
                and beta > 0
                and (data.dtype == np.int16 or beta * data.q.scale * (1 << 26) > 1),
                "its beta is out of range",
                "above 0, and not vanishing beside the input scale",
                f"{beta:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_softmax_s8, ek_softmax_s8_s16 or ek_softmax_s16."""
        data, output = node.input(0), node.output()
        if data.dtype == np.int16:
            return _wide(node)
        fraction = 31 - _INTEGER_BITS
        real = min(node.options["beta"] * data.q.scale * (1 << fraction), float((1 << 31) - 1))
        mantissa, shift = math.frexp(real)
        multiplier = math.floor(mantissa * (1 << 31) + 0.5)
        if multiplier == 1 << 31:
            multiplier, shift = multiplier // 2, shift + 1
        radius = (((1 << _INTEGER_BITS) - 1) << fraction) >> shift
        rows: dict[str, Param] = {
            "rows": data.elements // data.shape[-1],
            "depth": data.shape[-1],
            "multiplier": multiplier,
            "shift": shift,
            "lowest_difference": -min(radius, 256),
        }
        borders = (data.index,), (output.index,)
        if output.dtype == np.int16:
            return KernelCall("ek_softmax_s8_s16", {"softmax": rows}, *borders)
        return KernelCall("ek_softmax_s8", {"softmax": rows}, *borders, in_place=((0, 0),))


def _typed(checks: Checks) -> bool:
    """Checks for int8, int16, or int8 to int16, whose output has zero point -32768."""
    data, output = checks.node.input(0), checks.node.output()
    if data.dtype == np.int16:
        return checks.activations(data, output, wide=True)
    return checks.quantized(data, "int8") and checks.quantized(output, "int8", "int16")


def _wide(node: NodeView) -> KernelCall:
    data, output = node.input(0), node.output()
    multiplier, shift = quantize_multiplier(data.q.scale * node.options["beta"] / (10.0 / 65535.0))
    step = np.float32(1) / np.float32(65535)
    made = np.float32(2) * step
    return KernelCall(
        "ek_softmax_s16",
        {
            "rows": data.elements // data.shape[-1],
            "depth": data.shape[-1],
            "multiplier": multiplier,
            "shift": shift,
            "exp": Ref("exp"),
            "reciprocal": Ref("reciprocal"),
        },
        (data.index,),
        (output.index,),
        (
            Constant("exp", wide_functions.lut(_exp, np.float32(10) * step, (1 << 15) - 1, made)),
            Constant("reciprocal", wide_functions.lut(_reciprocal, step, -(1 << 15), made)),
        ),
        in_place=((0, 0),),
    )


def _exp(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.exp(x.astype(np.float64)).astype(np.float32)


def _reciprocal(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.float32(1) / (np.float32(1) + x)


OPERATOR = Softmax()

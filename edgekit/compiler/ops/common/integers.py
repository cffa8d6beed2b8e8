"""Operators on int32 that counts and indices need, and on bool: no scale, no rounding."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall
from edgekit.compiler.ops.common import binary
from edgekit.compiler.ops.common.checks import Checks

ADD, SUB, MUL, MINIMUM, MAXIMUM, COMPARE, OR = range(7)  # EK_INTEGER_...


def plain(node: NodeView, *types: str) -> bool:
    """Says whether a node of any form is one of integers: its first input has one of some types."""
    first = node.optional(0)
    return first is not None and first.dtype.name in types


def check(checks: Checks, made: str | None = None) -> bool:
    """Checks a node of two inputs of one type, without a fused activation.

    Args:
        checks: Of the node.
        made: Type of the output; None for that of the inputs.
    """
    node = checks.node
    if not checks.arity(2):
        return False
    kind = node.input(0).dtype.name
    return (
        checks.typed(node.input(1), kind)
        and checks.typed(node.output(), made or kind)
        and (
            "fused_activation_function" not in node.options
            or checks.options(fused_activation_function=(0, 0))
        )
        and binary.check_shapes(checks)
    )


def lowered(node: NodeView, operation: int, accepted: int = 0) -> KernelCall:
    """Returns the call of ek_integer.

    Args:
        node: A checked node.
        operation: ADD, ...
        accepted: Of a comparison, as in `comparison`.
    """
    first, second, output = node.input(0), node.input(1), node.output()
    free = [tensor for tensor in (first, second) if not tensor.constant]
    constants = [
        Constant("constant", np.ascontiguousarray(tensor.data))
        for tensor in (first, second)
        if tensor.data is not None
    ]
    return KernelCall(
        "ek_integer",
        {
            "walk": binary.walk(first, second, output),
            "constant": binary.reference(constants),
            "constant_first": first.constant,
            "operation": operation,
            "accepted": accepted,
            "from": binary.NUMBERS[first.dtype.name],
            "to": binary.NUMBERS[output.dtype.name],
        },
        tuple(tensor.index for tensor in free),
        (output.index,),
        tuple(constants),
        in_place=tuple(
            (i, 0)
            for i, tensor in enumerate(free)
            if tensor.shape == output.shape and tensor.dtype == output.dtype
        ),
        listed="inputs",
    )

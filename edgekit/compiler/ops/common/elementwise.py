"""What operators of two inputs share: broadcasting, and a constant as one of the two."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Param, Ref
from edgekit.compiler.ops.common import activation, binary
from edgekit.compiler.ops.common.checks import Checks


def check(checks: Checks) -> bool:
    """Checks the tensors and the broadcast of a node with two inputs and a fused activation."""
    node = checks.node
    if not checks.arity(2):
        return False
    first, second, output = node.input(0), node.input(1), node.output()
    return (
        checks.activations(first, second, output, wide=True)
        and activation.check(checks)
        and binary.check_shapes(checks)
    )


def operands(node: NodeView) -> tuple[Tensor, Tensor]:
    """Returns both inputs, a constant one last; the operators of this kind are commutative."""
    first, second = node.input(0), node.input(1)
    return (second, first) if first.constant else (first, second)


def lowered(node: NodeView, operator: str, params: dict[str, Param]) -> KernelCall:
    """Returns the call of an elementwise kernel.

    Args:
        node: A checked node.
        operator: Its name in C, e.g. "add": the kernel is ek_add_s8, and ek_add_constant_s8 where
            one operand is constant.
        params: The fields that the operator itself computes, for `operands(node)` in this order.
    """
    first, second = operands(node)
    output = node.output()
    fields: dict[str, Param] = {
        "walk": binary.walk(first, second, output),
        **params,
        **activation.bounds(output, activation.of(node.options)),
    }
    if not second.constant:
        whole = [i for i, tensor in enumerate((first, second)) if tensor.shape == output.shape]
        return KernelCall(
            f"ek_{operator}_s8",
            fields,
            (first.index, second.index),
            (output.index,),
            in_place=tuple((i, 0) for i in whole),
        )
    assert second.data is not None
    return KernelCall(
        f"ek_{operator}_constant_s8",
        {operator: fields, "constant": Ref("constant")},
        (first.index,),
        (output.index,),
        (Constant("constant", np.ascontiguousarray(second.data)),),
        in_place=((0, 0),) if first.shape == output.shape else (),
    )

"""What operators of two inputs share: broadcasting, and a constant as one of the two."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Param, Ref
from edgekit.compiler.ops.common import activation, geometry
from edgekit.compiler.ops.common.checks import Checks

_AXES = 4  # EK_WALK_AXES


def check(checks: Checks) -> bool:
    """Checks the tensors and the broadcast of a node with two inputs and a fused activation."""
    node = checks.node
    if not checks.arity(2):
        return False
    first, second, output = node.input(0), node.input(1), node.output()
    return (
        checks.activations(first, second, output)
        and activation.check(checks)
        and checks.require(
            geometry.broadcast_shape(first.shape, second.shape) == output.shape,
            "the shapes of its inputs and output do not match",
            "extents that are equal or 1",
            f"{list(first.shape)}, {list(second.shape)} -> {list(output.shape)}",
        )
        and checks.require(
            len(_axes(node)[0]) <= _AXES,
            "it broadcasts along too many separate axes",
            f"at most {_AXES} after merging neighbours",
            str(len(_axes(node)[0])),
        )
        and checks.require(
            not (first.constant and second.constant),
            "both of its inputs are constant",
            hint="convert the model with constant folding",
        )
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
    extents, (steps1, steps2) = _axes(node)
    padding = [0] * (_AXES - len(extents))
    fields: dict[str, Param] = {
        "walk": {
            "extents": [1] * len(padding) + extents,
            "steps1": padding + steps1,
            "steps2": padding + steps2,
        },
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


def _axes(node: NodeView) -> tuple[list[int], list[list[int]]]:
    shape = node.output().shape
    strides = [geometry.broadcast_strides(tensor.shape, shape) for tensor in operands(node)]
    return geometry.merged_axes(shape, *strides)

"""Operators of two inputs that may not be swapped: broadcasting, and a constant as either of the two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Param, Ref
from edgekit.compiler.ops.common import geometry
from edgekit.compiler.ops.common.checks import Checks

NUMBERS = {"bool": 0, "uint8": 1, "int8": 2, "int16": 3, "int32": 4, "float32": 5}  # EK_..., ek_element.h
_AXES = 4  # EK_WALK_AXES


def check_shapes(checks: Checks) -> bool:
    """Checks that both inputs broadcast to the output, and that they are not both constant."""
    node = checks.node
    first, second, output = node.input(0), node.input(1), node.output()
    return (
        checks.require(
            geometry.broadcast_shape(first.shape, second.shape) == output.shape,
            "the shapes of its inputs and output do not match",
            "extents that are equal or 1",
            f"{list(first.shape)}, {list(second.shape)} -> {list(output.shape)}",
        )
        and checks.require(
            len(axes(first, second, output)[0]) <= _AXES,
            "it broadcasts along too many separate axes",
            f"at most {_AXES} after merging neighbours",
            str(len(axes(first, second, output)[0])),
        )
        and checks.require(
            not (first.constant and second.constant),
            "both of its inputs are constant",
            hint="convert the model with constant folding",
        )
    )


def axes(first: Tensor, second: Tensor, output: Tensor) -> tuple[list[int], list[list[int]]]:
    """Returns the extents of the merged axes and, per input, the step along each."""
    strides = [geometry.broadcast_strides(tensor.shape, output.shape) for tensor in (first, second)]
    return geometry.merged_axes(output.shape, *strides)


def walk(first: Tensor, second: Tensor, output: Tensor) -> dict[str, Param]:
    """Returns an `ek_walk_t` over two inputs."""
    extents, (steps1, steps2) = axes(first, second, output)
    padding = [0] * (_AXES - len(extents))
    return {
        "extents": [1] * len(padding) + extents,
        "steps1": padding + steps1,
        "steps2": padding + steps2,
    }


def lowered(node: NodeView, operator: str, params: Mapping[str, Param]) -> KernelCall:
    """Returns the call of a kernel of two inputs.

    Args:
        node: A checked node.
        operator: Its name in C, e.g. "sub": the kernel is ek_sub_s8, and ek_sub_constant_s8 where
            one operand is constant.
        params: The fields that the operator itself computes, for its inputs in their order.
    """
    first, second, output = node.input(0), node.input(1), node.output()
    fields: dict[str, Param] = {"walk": walk(first, second, output), **params}
    free = [tensor for tensor in (first, second) if not tensor.constant]
    whole = tuple((i, 0) for i, t in enumerate(free) if (t.shape, t.dtype) == (output.shape, output.dtype))
    inputs = tuple(tensor.index for tensor in free)
    if len(free) == 2:
        return KernelCall(f"ek_{operator}_s8", fields, inputs, (output.index,), in_place=whole)
    constant = first if first.constant else second
    assert constant.data is not None
    return KernelCall(
        f"ek_{operator}_constant_s8",
        {operator: fields, "constant": Ref("constant"), "constant_first": first.constant},
        inputs,
        (output.index,),
        (Constant("constant", np.ascontiguousarray(constant.data)),),
        in_place=whole,
    )


def reference(constants: Sequence[Constant]) -> Param:
    """Returns what points to the constant operand; null where there is none."""
    return Ref("constant") if constants else 0


def lowered_wide(node: NodeView, kernel: str, params: Mapping[str, Param]) -> KernelCall:
    """Returns the call of a kernel of two int16 inputs, either of which may be constant.

    Args:
        node: A checked node.
        kernel: Its name.
        params: The fields that the operator itself computes, for its inputs in their order.
    """
    first, second, output = node.input(0), node.input(1), node.output()
    free = [tensor for tensor in (first, second) if not tensor.constant]
    constants = [
        Constant("constant", np.ascontiguousarray(tensor.data))
        for tensor in (first, second)
        if tensor.data is not None
    ]
    pair: dict[str, Param] = {
        "walk": walk(first, second, output),
        "constant": reference(constants),
        "constant_first": first.constant,
    }
    return KernelCall(
        kernel,
        {"pair": pair, **params},
        tuple(tensor.index for tensor in free),
        (output.index,),
        tuple(constants),
        in_place=tuple((i, 0) for i, tensor in enumerate(free) if tensor.shape == output.shape),
        listed="inputs",
    )

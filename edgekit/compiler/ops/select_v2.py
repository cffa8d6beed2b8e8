"""SELECT_V2."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Param, Ref, Target
from edgekit.compiler.ops.common import geometry
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_AXES = 4  # EK_WALK_AXES
_TYPES = ("int8", "int16", "int32", "float32")


class SelectV2(Operator):
    """The first value where the condition holds, the second elsewhere, with broadcasting."""

    name = "SELECT_V2"
    code = 123
    options_type = 98
    signatures = tuple(f"bool, {kind} -> {kind}" for kind in _TYPES)
    limits = "values of one quantisation; at most four separate axes of broadcasting"
    notes = "exact; TFLM lacks int32"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if not checks.arity(3):
            return iter(checks.problems)
        condition, first, second = (node.input(i) for i in range(3))
        output = node.output()
        checks.require(
            not condition.constant, "its condition is constant", hint="convert with constant folding"
        )
        if checks.typed(condition, "bool") and checks.typed(output, *_TYPES):
            checks.typed(first, output.dtype.name)
            checks.typed(second, output.dtype.name)
        shape = geometry.broadcast_shape(first.shape, second.shape)
        if checks.require(
            shape is not None and geometry.broadcast_shape(condition.shape, shape) == output.shape,
            "the shapes of its inputs and output do not match",
            "extents that are equal or 1",
            f"{list(condition.shape)}, {list(first.shape)}, {list(second.shape)} -> {list(output.shape)}",
        ):
            checks.require(
                len(_axes(node)[0]) <= _AXES, "it broadcasts along too many separate axes", f"at most {_AXES}"
            )
        if output.dtype in (np.int8, np.int16) and not checks.problems:
            for tensor in (first, second):
                if checks.quantized(tensor, *_TYPES[:2]) and checks.quantized(output, *_TYPES[:2]):
                    checks.same_quantization(tensor, output)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_select; the condition holds the place of a constant input."""
        condition, first, second = (node.input(i) for i in range(3))
        extents, steps = _axes(node)
        padding = [0] * (_AXES - len(extents))
        fields: dict[str, Param] = {
            "extents": [1] * len(padding) + extents,
            "steps": [padding + own for own in steps],
            "size": node.output().dtype.itemsize,
            "constant1": _reference(first, "first"),
            "constant2": _reference(second, "second"),
        }
        places = [condition if tensor.constant else tensor for tensor in (first, second)]
        return KernelCall(
            "ek_select",
            fields,
            (condition.index, places[0].index, places[1].index),
            (node.output().index,),
            tuple(
                Constant(name, np.ascontiguousarray(tensor.data))
                for name, tensor in (("first", first), ("second", second))
                if tensor.data is not None
            ),
        )


def _reference(tensor: Tensor, name: str) -> Param:
    return Ref(name) if tensor.constant else 0


def _axes(node: NodeView) -> tuple[list[int], list[list[int]]]:
    shape = node.output().shape
    return geometry.merged_axes(
        shape, *(geometry.broadcast_strides(node.input(i).shape, shape) for i in range(3))
    )


OPERATOR = SelectV2()

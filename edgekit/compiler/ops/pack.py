"""PACK."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import movement, parts
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Pack(Operator):
    """Tensors of one shape stacked along a new axis."""

    name = "PACK"
    code = 83
    options_type = 59
    options = (Option("values_count", 0, "int32"), Option("axis", 1, "int32"))
    signatures = movement.DTYPES
    limits = f"at most {parts.MOST} inputs, not all constant"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        count = len(node.inputs)
        if checks.arity(max(1, count), parts.MOST) and checks.options(values_count=(count, count)):
            inputs = [node.input(i) for i in range(count)]
            shape = inputs[0].shape
            axis = movement.axis_of(checks, node.options["axis"], len(shape) + 1)
            if axis is not None and parts.some_computed(checks, inputs):
                movement.same_kind(checks, node.output(), *inputs)
                movement.result_shape(checks, (*shape[:axis], count, *shape[axis:]))
                checks.require(
                    all(tensor.shape == shape for tensor in inputs), "the shapes of its inputs differ"
                )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_join."""
        inputs = [node.input(i) for i in range(len(node.inputs))]
        return parts.join(node, inputs, node.options["axis"] % len(node.output().shape))


OPERATOR = Pack()

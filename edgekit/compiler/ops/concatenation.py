"""CONCATENATION."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, movement, parts
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Concatenation(Operator):
    """Tensors joined along one axis."""

    name = "CONCATENATION"
    code = 2
    options_type = 10
    options = (Option("axis", 0, "int32"), activation.option(1))
    signatures = movement.DTYPES
    limits = f"at most {parts.MOST} inputs, all of the output's quantisation"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        count = len(node.inputs)
        if checks.arity(max(1, count), parts.MOST):
            self._check(checks, [node.input(i) for i in range(count)])
        return iter(checks.problems)

    def _check(self, checks: Checks, inputs: list[Tensor]) -> bool:
        output = checks.node.output()
        rank = len(output.shape)
        sound = (
            movement.same_kind(checks, output, *inputs)
            and parts.some_computed(checks, inputs)
            and checks.require(
                rank > 0 and all(len(tensor.shape) == rank for tensor in inputs),
                "its inputs and output differ in rank",
            )
            and checks.options(axis=(-rank, rank - 1), fused_activation_function=(0, 0))
        )
        if not sound:
            return False
        axis = checks.node.options["axis"] % rank
        total = sum(tensor.shape[axis] for tensor in inputs)
        expected = (*output.shape[:axis], total, *output.shape[axis + 1 :])
        return checks.require(
            output.shape == expected
            and all(_outside(tensor, axis) == _outside(output, axis) for tensor in inputs),
            "the shapes of its inputs and output do not match",
            f"{list(expected)}, equal but for axis {axis}",
            f"{', '.join(str(list(t.shape)) for t in inputs)} -> {list(output.shape)}",
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_join."""
        inputs = [node.input(i) for i in range(len(node.inputs))]
        return parts.join(node, inputs, node.options["axis"] % len(node.output().shape))


def _outside(tensor: Tensor, axis: int) -> tuple[int, ...]:
    return tensor.shape[:axis] + tensor.shape[axis + 1 :]


OPERATOR = Concatenation()

"""CONCATENATION."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_INPUTS = 8  # EK_CONCATENATION_INPUTS


class Concatenation(Operator):
    """Tensors joined along one axis."""

    name = "CONCATENATION"
    code = 2
    options_type = 10
    options = (Option("axis", 0, "int32"), activation.option(1))
    limits = f"at most {_INPUTS} inputs, none constant, all of the output's quantisation"
    notes = "copies"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1, _INPUTS) and checks.require(
            all(tensor is not None for tensor in node.inputs), "an input is absent"
        ):
            self._check(checks, [tensor for tensor in node.inputs if tensor is not None])
        return iter(checks.problems)

    def _check(self, checks: Checks, inputs: list[Tensor]) -> bool:
        output = checks.node.output()
        rank = len(output.shape)
        sound = (
            checks.activations(*inputs, output)
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
        for tensor in inputs:
            checks.same_quantization(output, tensor)
            checks.require(
                not tensor.constant, f"input '{tensor.name}' is constant", hint="join constants before export"
            )
        return checks.require(
            output.shape == expected
            and all(_outside(tensor, axis) == _outside(output, axis) for tensor in inputs),
            "the shapes of its inputs and output do not match",
            f"{list(expected)}, equal but for axis {axis}",
            f"{', '.join(str(list(t.shape)) for t in inputs)} -> {list(output.shape)}",
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_concatenation_s8, whose unused inputs repeat the first."""
        inputs, output = [node.input(i) for i in range(len(node.inputs))], node.output()
        axis = node.options["axis"] % len(output.shape)
        unused = _INPUTS - len(inputs)
        return KernelCall(
            "ek_concatenation_s8",
            {
                "outer": math.prod(output.shape[:axis]),
                "sizes": [math.prod(tensor.shape[axis:]) for tensor in inputs] + [0] * unused,
            },
            tuple(tensor.index for tensor in inputs) + (inputs[0].index,) * unused,
            (output.index,),
        )


def _outside(tensor: Tensor, axis: int) -> tuple[int, ...]:
    return tensor.shape[:axis] + tensor.shape[axis + 1 :]


OPERATOR = Concatenation()

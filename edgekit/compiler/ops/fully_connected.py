"""FULLY_CONNECTED."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Param, Ref, Target
from edgekit.compiler.ops.common import activation, filters, fixedpoint, overlap, wide
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class FullyConnected(Operator):
    """Matrix product with constant weights [outputs, inputs]; bias is optional."""

    name = "FULLY_CONNECTED"
    code = 9
    options_type = 8
    options = (
        activation.option(0),
        Option("weights_format", 1, "int8"),
        Option("keep_num_dims", 2, "bool", False),
    )
    signatures = ("int8", "int16")
    limits = "constant weights and bias"
    notes = (
        "litert: double arithmetic, rounded once, half away from zero, which a 63-bit multiplier "
        "reproduces; tflm: int8 rounds twice, int16 once, or twice where its bias is int32"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        self._check(checks)
        return iter(checks.problems)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        if not checks.arity(2, 3):
            return False
        data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
        outputs = output.shape[-1] if output.shape else 0
        return (
            checks.activations(data, output, wide=True)
            and checks.weights(weights, 2, outputs, 0)
            and activation.check(checks)
            and checks.options(weights_format=(0, 0))
            and checks.require(
                weights.shape[0] == outputs
                and data.elements % weights.shape[1] == 0
                and data.elements // weights.shape[1] * outputs == output.elements
                and (not node.options["keep_num_dims"] or data.shape[-1:] == weights.shape[1:]),
                "the shapes of its input, weights and output do not match",
                "[..., inputs], [outputs, inputs] -> [..., outputs]",
                f"{list(data.shape)}, {list(weights.shape)} -> {list(output.shape)}",
            )
            and checks.bias(bias, data, weights, output, outputs)
            and filters.check_sums(checks, data, weights, bias, output, 0, wide.ONCE)
            and filters.check_sums(checks, data, weights, bias, output, 0, wide.rounding(bias))
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_fully_connected_s8 or ek_fully_connected_s16."""
        data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
        if data.dtype == np.int16:
            return _wide(node, target)
        constants = [Constant("weights", np.ascontiguousarray(filters.values(weights)))]
        if bias is not None:
            constants.append(Constant("bias", np.ascontiguousarray(filters.values(bias))))
        constants += _fine(node) if target.numerics == "litert" else _twice(node)
        given = {constant.name for constant in constants}
        params: dict[str, Param] = {
            **{
                name: Ref(name) if name in given else 0
                for name in ("weights", "bias", "multipliers", "fractions", "shifts")
            },
            "per_channel": len(weights.q.scales) > 1,
            "batches": data.elements // weights.shape[1],
            "inputs": weights.shape[1],
            "outputs": weights.shape[0],
            "input_zero_point": data.q.zero_point,
            **activation.bounds(output, activation.of(node.options)),
        }
        rows = data.elements // weights.shape[1]
        return KernelCall(
            "ek_fully_connected_s8",
            params,
            (data.index,),
            (output.index,),
            tuple(constants),
            overlap=overlap.of_rows(rows, weights.shape[1], weights.shape[0]),
        )

    def macs(self, node: NodeView) -> int:
        """Returns batches x inputs x outputs."""
        return node.output().elements * node.input(1).shape[1]


def _wide(node: NodeView, target: Target) -> KernelCall:
    data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
    how = wide.FINE if target.numerics == "litert" else wide.rounding(bias)
    scale, constants = wide.scale(node, data, weights, bias, how)
    outputs, inputs = weights.shape
    rows = data.elements // inputs
    return KernelCall(
        "ek_fully_connected_s16",
        {"weights": Ref("weights"), "scale": scale, "batches": rows, "inputs": inputs, "outputs": outputs},
        (data.index,),
        (output.index,),
        (Constant("weights", np.ascontiguousarray(filters.values(weights))), *constants),
        overlap=overlap.of_rows(rows, 2 * inputs, 2 * outputs),
    )


def _twice(node: NodeView) -> list[Constant]:
    data, weights, output = node.input(0), node.input(1), node.output()
    reals = fixedpoint.channel_reals(data, weights, output)
    multipliers, shifts = fixedpoint.multipliers(reals)
    return [Constant("multipliers", multipliers), Constant("shifts", shifts)]


def _fine(node: NodeView) -> list[Constant]:
    data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
    largest = fixedpoint.largest_sums(filters.rows(weights, 0), filters.values(bias), data.q.zero_point)
    reals = fixedpoint.channel_reals(data, weights, output)
    if len(reals) == 1:
        largest = largest.max(keepdims=True)
    fine = [fixedpoint.fine_multiplier(float(r), int(b)) for r, b in zip(reals, largest, strict=True)]
    return [
        Constant("multipliers", np.array([f.multiplier for f in fine], np.int32)),
        Constant("fractions", np.array([f.fraction for f in fine], np.uint32)),
        Constant("shifts", np.array([f.shift for f in fine], np.int8)),
    ]


OPERATOR = FullyConnected()

"""TRANSPOSE_CONV."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Option, Param, Ref, Target
from edgekit.compiler.ops.common import activation, filters, fixedpoint, geometry, wide
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_STEP = (1, geometry.LARGEST_STEP)


class TransposeConv(Operator):
    """The transpose of a convolution over height and width; its output is the convolution's input."""

    name = "TRANSPOSE_CONV"
    code = 67
    options_type = 49
    options = (
        Option("padding", 0, "int8"),
        Option("stride_w", 1, "int32"),
        Option("stride_h", 2, "int32"),
        activation.option(3),
    )
    signatures = ("int8", "int16")
    limits = "constant weights and bias; no dilation"
    notes = (
        "int8 rounds twice, int16 once, or twice where its bias is int32, in both profiles; TFLM reads that "
        "bias as int64"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        self._check(checks)
        return iter(checks.problems)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        if not checks.require(
            3 <= len(node.inputs) <= 4 and None not in node.inputs[1:3] and len(node.outputs) == 1,
            "has a wrong number of inputs or outputs",
            "shape, weights, data and an optional bias; 1 output",
            f"{sum(tensor is not None for tensor in node.inputs)} inputs, {len(node.outputs)} outputs",
        ):
            return False
        weights, data, bias, output = node.input(1), node.input(2), node.optional(3), node.output()
        sound = (
            checks.activations(data, output, wide=True)
            and checks.require(
                len(data.shape) == len(output.shape) == 4,
                "needs input and output of four dimensions",
                "[batch, height, width, channels]",
                f"{list(data.shape)} -> {list(output.shape)}",
            )
            and checks.weights(weights, 4, output.shape[3], 0)
            and checks.options(stride_h=_STEP, stride_w=_STEP, padding=(0, 1))
            and activation.check(checks)
        )
        if not sound:
            return False
        expected = tuple(window.outputs for window in _windows(node))
        return (
            checks.require(
                (weights.shape[0], weights.shape[3]) == (output.shape[3], data.shape[3])
                and max(weights.shape[1:3]) <= geometry.LARGEST_STEP
                and max(data.shape[1:3] + output.shape[1:3]) <= geometry.LARGEST_STEP
                and data.shape[0] == output.shape[0],
                "the shapes of its input, weights and output do not match",
                "the same batch, input channels and output channels",
                f"{list(data.shape)}, {list(weights.shape)} -> {list(output.shape)}",
            )
            and checks.require(
                data.shape[1:3] == expected,
                "its output shape does not follow from its input, kernel, stride and padding",
                f"an output from which the same convolution makes {list(data.shape[1:3])}",
                f"{list(output.shape[1:3])}, from which it makes {list(expected)}",
            )
            and checks.bias(bias, data, weights, output, output.shape[3])
            and filters.check_sums(checks, data, weights, bias, output, 0, wide.rounding(bias))
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_transpose_conv_s8 or ek_transpose_conv_s16."""
        weights, data, bias, output = node.input(1), node.input(2), node.optional(3), node.output()
        if data.dtype == np.int16:
            scale, wide_constants = wide.scale(node, data, weights, bias, wide.rounding(bias))
            return KernelCall(
                "ek_transpose_conv_s16",
                {"weights": Ref("weights"), "scale": scale, **_geometry(node)},
                (data.index,),
                (output.index,),
                (Constant("weights", np.ascontiguousarray(filters.values(weights))), *wide_constants),
            )
        multipliers, shifts = fixedpoint.multipliers(fixedpoint.channel_reals(data, weights, output))
        constants = [
            Constant("weights", np.ascontiguousarray(filters.values(weights))),
            Constant("multipliers", multipliers),
            Constant("shifts", shifts),
        ]
        if bias is not None:
            constants.append(Constant("bias", np.ascontiguousarray(filters.values(bias))))
        params: dict[str, Param] = {
            "weights": Ref("weights"),
            "bias": Ref("bias") if bias is not None else 0,
            "multipliers": Ref("multipliers"),
            "shifts": Ref("shifts"),
            "per_channel": len(multipliers) > 1,
            **_geometry(node),
            "input_zero_point": data.q.zero_point,
            **activation.bounds(output, activation.of(node.options)),
        }
        return KernelCall("ek_transpose_conv_s8", params, (data.index,), (output.index,), tuple(constants))

    def macs(self, node: NodeView) -> int:
        """Returns input elements x taps x output channels."""
        return node.input(2).elements * node.input(1).elements // node.input(2).shape[3]


def _geometry(node: NodeView) -> dict[str, Param]:
    data, output = node.input(2), node.output()
    vertical, horizontal = _windows(node)
    return {
        "batches": data.shape[0],
        "input_height": data.shape[1],
        "input_width": data.shape[2],
        "input_channels": data.shape[3],
        "output_height": output.shape[1],
        "output_width": output.shape[2],
        "output_channels": output.shape[3],
        "kernel_height": vertical.kernel,
        "kernel_width": horizontal.kernel,
        "stride_height": vertical.stride,
        "stride_width": horizontal.stride,
        "pad_top": vertical.before,
        "pad_left": horizontal.before,
    }


def _windows(node: NodeView) -> tuple[geometry.Window, geometry.Window]:
    """Returns the windows of the convolution that goes from this node's output to its input."""
    o, weights, output = node.options, node.input(1), node.output()
    return (
        geometry.Window(output.shape[1], weights.shape[1], o["stride_h"], 1, o["padding"]),
        geometry.Window(output.shape[2], weights.shape[2], o["stride_w"], 1, o["padding"]),
    )


OPERATOR = TransposeConv()

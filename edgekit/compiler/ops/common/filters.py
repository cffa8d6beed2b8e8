"""What CONV_2D and DEPTHWISE_CONV_2D share: options, windows and requantisation."""

from __future__ import annotations

import numpy as np

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, Param, Ref
from edgekit.compiler.ops.common import activation, fixedpoint, geometry, wide
from edgekit.compiler.ops.common.checks import Checks

_STEP = (1, geometry.LARGEST_STEP)


def check(checks: Checks, axis: int, channels_of_input: bool) -> bool:
    """Checks a node with data, weights and an optional bias.

    Args:
        checks: Of the node.
        axis: Dimension of the output channels in the weights.
        channels_of_input: Whether the weights' last dimension must be the input's channels, or those of
            one group.
    """
    node = checks.node
    if not checks.arity(2, 3):
        return False
    data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
    sound = (
        checks.activations(data, output, wide=True)
        and checks.require(
            len(data.shape) == len(output.shape) == 4,
            "needs input and output of four dimensions",
            "[batch, height, width, channels]",
            f"{list(data.shape)} -> {list(output.shape)}",
        )
        and checks.weights(weights, 4, output.shape[3], axis)
        and checks.options(
            stride_h=_STEP, stride_w=_STEP, dilation_h_factor=_STEP, dilation_w_factor=_STEP, padding=(0, 1)
        )
        and activation.check(checks)
    )
    if not sound:
        return False
    return (
        checks.require(
            weights.shape[axis] == output.shape[3]
            and max(weights.shape[1:3]) <= geometry.LARGEST_STEP
            and (not channels_of_input or _in_groups(data.shape[3], weights.shape[3], output.shape[3]))
            and data.shape[0] == output.shape[0],
            "the shapes of its input, weights and output do not match",
            "the same batch, input channels and output channels",
            f"{list(data.shape)}, {list(weights.shape)} -> {list(output.shape)}",
        )
        and geometry.check_windows(checks, output, *windows(node))
        and checks.bias(bias, data, weights, output, output.shape[3])
        and check_sums(checks, data, weights, bias, output, axis, wide.rounding(bias))
    )


def check_sums(
    checks: Checks,
    data: Tensor,
    weights: Tensor,
    bias: Tensor | None,
    output: Tensor,
    axis: int,
    how: int,
) -> bool:
    """Checks that no input can make a sum leave the width that the kernel sums in.

    Args:
        checks: Of the node.
        data, weights, bias, output: Its tensors, already checked.
        axis: Dimension of the output channels in the weights.
        how: Rounding of int16 outputs, `wide.TWICE`, ONCE or FINE.
    """
    sums = fixedpoint.largest_sums(rows(weights, axis), values(bias), data.q.zero_point, data.dtype)
    reals = fixedpoint.channel_reals(data, weights, output)
    if data.dtype == np.int16 and how != wide.TWICE:
        return wide.check_sums(checks, sums, reals)
    return checks.sums_fit(sums, reals)


def windows(node: NodeView) -> tuple[geometry.Window, geometry.Window]:
    """Returns the vertical and the horizontal window."""
    o, data, weights = node.options, node.input(0), node.input(1)
    return (
        geometry.Window(
            data.shape[1],
            weights.shape[1],
            o["stride_h"],
            o["dilation_h_factor"],
            o["padding"],
            o.get(geometry.PADS[1]),
        ),
        geometry.Window(
            data.shape[2],
            weights.shape[2],
            o["stride_w"],
            o["dilation_w_factor"],
            o["padding"],
            o.get(geometry.PADS[2]),
        ),
    )


def groups(node: NodeView) -> int:
    """Returns the number of groups of a checked CONV_2D."""
    return node.input(0).shape[3] // node.input(1).shape[3]


def _in_groups(inputs: int, group: int, outputs: int) -> bool:
    return inputs % group == 0 and outputs % (inputs // group) == 0


def rows(weights: Tensor, axis: int) -> np.ndarray:
    """Returns constant weights with the output channels first."""
    assert weights.data is not None
    return np.moveaxis(weights.data, axis, 0)


def values(tensor: Tensor | None) -> np.ndarray | None:
    """Returns the data of an optional constant."""
    return None if tensor is None else tensor.data


def lowered(node: NodeView) -> tuple[dict[str, Param], tuple[Constant, ...]]:
    """Returns the parameters and constants that the kernels of an element type have."""
    data, weights, bias, output = node.input(0), node.input(1), node.optional(2), node.output()
    if data.dtype == np.int16:
        scale, constants = wide.scale(node, data, weights, bias, wide.rounding(bias))
        packed = Constant("weights", np.ascontiguousarray(values(weights)))
        return {"weights": Ref("weights"), "scale": scale, **_geometry(node)}, (packed, *constants)
    multipliers, shifts = fixedpoint.multipliers(fixedpoint.channel_reals(data, weights, output))
    narrow = [
        Constant("weights", np.ascontiguousarray(values(weights))),
        Constant("multipliers", multipliers),
        Constant("shifts", shifts),
    ]
    if bias is not None:
        narrow.append(Constant("bias", np.ascontiguousarray(values(bias))))
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
    return params, tuple(narrow)


def _geometry(node: NodeView) -> dict[str, Param]:
    data, output = node.input(0), node.output()
    vertical, horizontal = windows(node)
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
        "dilation_height": vertical.dilation,
        "dilation_width": horizontal.dilation,
        "pad_top": vertical.before,
        "pad_left": horizontal.before,
    }

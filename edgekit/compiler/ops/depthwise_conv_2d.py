"""DEPTHWISE_CONV_2D."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, filters, geometry, overlap
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class DepthwiseConv2D(Operator):
    """One filter, or `multiplier` filters, per input channel; weights [1, H, W, channels]."""

    name = "DEPTHWISE_CONV_2D"
    code = 4
    options_type = 2
    options = (
        Option("padding", 0, "int8"),
        Option("stride_w", 1, "int32"),
        Option("stride_h", 2, "int32"),
        activation.option(4),
        Option("dilation_w_factor", 5, "int32", 1),
        Option("dilation_h_factor", 6, "int32", 1),
    )
    signatures = ("int8", "int16")
    limits = "constant weights and bias; beside int16 an int64 bias"
    notes = "int8 rounds twice, int16 once, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if filters.check(checks, axis=3, channels_of_input=False):
            channels, outputs = node.input(0).shape[3], node.output().shape[3]
            checks.require(
                outputs % channels == 0 and node.input(1).shape[0] == 1,
                "its weights do not belong to its input channels",
                f"[1, height, width, a multiple of {channels}]",
                str(list(node.input(1).shape)),
            )
            bias = node.optional(2)
            checks.require(
                bias is None or (bias.dtype == np.int64) == (node.input(0).dtype == np.int16),
                "its bias has a type that both references refuse or misread",
                "int64 beside int16",
                "int32",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_depthwise_conv2d_s8 or ek_depthwise_conv2d_s16."""
        params, constants = filters.lowered(node)
        data, output = node.input(0), node.output()
        return KernelCall(
            f"ek_depthwise_conv2d_s{8 * data.dtype.itemsize}",
            {**params, "backward": False},
            (data.index,),
            (output.index,),
            constants,
            overlap=overlap.of_windows(
                data,
                output,
                *filters.windows(node),
                by_channel=data.shape[3] == output.shape[3],
                backward=True,
            ),
        )

    def macs(self, node: NodeView) -> int:
        """Returns output elements x taps."""
        taps = node.input(1).shape[1] * node.input(1).shape[2]
        return node.output().elements * taps

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the window along an axis."""
        return {node.input(0).index: filters.windows(node)[axis - 1]}


OPERATOR = DepthwiseConv2D()

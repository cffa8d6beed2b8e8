"""CONV_2D."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Param, Target
from edgekit.compiler.ops.common import activation, filters, geometry, overlap
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem


class Conv2D(Operator):
    """Convolution over height and width, NHWC, weights OHWI."""

    name = "CONV_2D"
    code = 3
    options_type = 1
    options = (
        Option("padding", 0, "int8"),
        Option("stride_w", 1, "int32"),
        Option("stride_h", 2, "int32"),
        activation.option(3),
        Option("dilation_w_factor", 4, "int32", 1),
        Option("dilation_h_factor", 5, "int32", 1),
    )
    signatures = ("int8", "int16")
    limits = "constant weights and bias"
    notes = (
        "int8 rounds twice, int16 once, or twice where its bias is int32, in both profiles; groups where "
        "the weights have fewer input channels"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        filters.check(checks, axis=0, channels_of_input=True)
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of ek_conv2d_s8, ek_conv2d_grouped_s8 or ek_conv2d_s16."""
        params, constants = filters.lowered(node)
        borders = (node.input(0).index,), (node.output().index,)
        groups = filters.groups(node)
        wide = node.input(0).dtype == np.int16
        distances = overlap.of_windows(
            node.input(0), node.output(), *filters.windows(node), backward=wide or groups == 1
        )
        inside: dict[str, Param] = {
            "group_inputs": node.input(1).shape[3],
            "group_outputs": node.output().shape[3] // groups,
        }
        if wide:
            params |= {**inside, "backward": False}
            return KernelCall("ek_conv2d_s16", params, *borders, constants, overlap=distances)
        if groups == 1:
            params["backward"] = False
            return KernelCall("ek_conv2d_s8", params, *borders, constants, overlap=distances)
        return KernelCall(
            "ek_conv2d_grouped_s8", {"conv": params, **inside}, *borders, constants, overlap=distances
        )

    def plain(self, node: NodeView) -> bool:
        """Says whether variants may lower this node: they know int8 without groups."""
        return super().plain(node) and filters.groups(node) == 1

    def macs(self, node: NodeView) -> int:
        """Returns output elements x taps x input channels."""
        return node.output().elements * node.input(1).elements // node.output().shape[3]

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the window along an axis."""
        return {node.input(0).index: filters.windows(node)[axis - 1]}


OPERATOR = Conv2D()

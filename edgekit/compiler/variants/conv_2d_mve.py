"""CONV_2D with Helium."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Param, Target
from edgekit.compiler.ops.common import filters
from edgekit.compiler.variants.base import Variant
from edgekit.compiler.variants.mve import PRIORITY, is_int8, matrix

_SCRATCH = 4  # that of a kernel which does not use it


class Conv2DMve(Variant):
    """Windows as rows of a matrix product; those of one pixel are read where they lie."""

    op = "CONV_2D"
    feature = "mve"
    priority = PRIORITY

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_conv2d_s8_mve; None where grouped, dilated or scaled up."""
        data, output = node.input(0), node.output()
        vertical, horizontal = filters.windows(node)
        grouped = node.input(1).shape[3] != data.shape[3]
        if not is_int8(node) or grouped or vertical.dilation > 1 or horizontal.dilation > 1:
            return None
        rounding = matrix.rounds_twice(node, output.shape[3])
        if rounding is None:
            return None
        return call(
            node,
            rounding,
            {
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "input_channels": data.shape[3],
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "kernel_height": vertical.kernel,
                "kernel_width": horizontal.kernel,
                "stride_height": vertical.stride,
                "stride_width": horizontal.stride,
                "pad_top": vertical.before,
                "pad_left": horizontal.before,
                "pointwise": vertical.kernel * horizontal.kernel == 1
                and data.shape[1:3] == output.shape[1:3],
            },
        )


def call(node: NodeView, rounding: matrix.Rounding, fields: dict[str, Param]) -> KernelCall:
    """Returns the call of ek_conv2d_s8_mve.

    Args:
        node: A node with data, weights and bias.
        rounding: Of its sums.
        fields: Shapes and window.
    """
    data = node.input(0)
    params, packed = matrix.lowered(node, rounding)
    depth = node.input(1).elements // node.input(1).shape[0]
    direct = fields["pointwise"] and depth % matrix.BLOCK == 0
    return KernelCall(
        "ek_conv2d_s8_mve",
        {"matrix": params, **fields, "input_zero_point": data.q.zero_point},
        (data.index,),
        (node.output().index,),
        (packed,),
        scratch_bytes=_SCRATCH if direct else 2 * matrix.BLOCK * matrix.steps(depth),
    )


VARIANT = Conv2DMve()

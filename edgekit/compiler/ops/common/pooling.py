"""What AVERAGE_POOL_2D and MAX_POOL_2D share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Option, Target
from edgekit.compiler.ops.common import activation, geometry, overlap
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_STEP = (1, geometry.LARGEST_STEP)


class Pool(Operator):
    """A pool over height and width; output and input share scale and zero point.

    Class attributes:
        kernel: Its C kernel, without the element type.
    """

    options_type = 5
    options = (
        Option("padding", 0, "int8"),
        Option("stride_w", 1, "int32"),
        Option("stride_h", 2, "int32"),
        Option("filter_width", 3, "int32"),
        Option("filter_height", 4, "int32"),
        activation.option(5),
    )
    signatures = ("int8", "int16")
    limits = "input and output of one quantisation"
    kernel: ClassVar[str]

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        self._check(checks)
        return iter(checks.problems)

    def _check(self, checks: Checks) -> bool:
        node = checks.node
        if not checks.arity(1):
            return False
        data, output = node.input(0), node.output()
        return (
            checks.activations(data, output, wide=True)
            and activation.check(checks)
            and checks.options(
                stride_h=_STEP, stride_w=_STEP, filter_height=_STEP, filter_width=_STEP, padding=(0, 1)
            )
            and checks.require(
                len(data.shape) == len(output.shape) == 4
                and data.shape[0] == output.shape[0]
                and data.shape[3] == output.shape[3],
                "the shapes of its input and output do not match",
                "[batch, height, width, channels]",
                f"{list(data.shape)} -> {list(output.shape)}",
            )
            and geometry.check_windows(checks, output, *_windows(node))
            and checks.same_quantization(data, output)
        )

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of the pool's kernel."""
        data, output = node.input(0), node.output()
        vertical, horizontal = _windows(node)
        low, high = activation.clamp(output, activation.of(node.options))
        return KernelCall(
            f"{self.kernel}_s{8 * data.dtype.itemsize}",
            {
                "batches": data.shape[0],
                "input_height": data.shape[1],
                "input_width": data.shape[2],
                "channels": data.shape[3],
                "output_height": output.shape[1],
                "output_width": output.shape[2],
                "kernel_height": vertical.kernel,
                "kernel_width": horizontal.kernel,
                "stride_height": vertical.stride,
                "stride_width": horizontal.stride,
                "pad_top": vertical.before,
                "pad_left": horizontal.before,
                "low": low,
                "high": high,
            },
            (data.index,),
            (output.index,),
            overlap=overlap.of_windows(data, output, vertical, horizontal, by_channel=True),
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the pool's window along an axis."""
        return {node.input(0).index: _windows(node)[axis - 1]}


def _windows(node: NodeView) -> tuple[geometry.Window, geometry.Window]:
    o, shape = node.options, node.input(0).shape
    return (
        geometry.Window(
            shape[1], o["filter_height"], o["stride_h"], 1, o["padding"], o.get(geometry.PADS[1])
        ),
        geometry.Window(shape[2], o["filter_width"], o["stride_w"], 1, o["padding"], o.get(geometry.PADS[2])),
    )

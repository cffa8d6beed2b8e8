"""MEAN over rows, four channels at a time."""

from __future__ import annotations

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Target, operators
from edgekit.compiler.variants.base import Variant


class MeanDsp(Variant):
    """Sums of four channels in two words of two halfwords."""

    op = "MEAN"
    feature = "dsp"

    def lower(self, node: NodeView, target: Target) -> KernelCall | None:
        """Returns the call of ek_mean_s8_dsp, or None where other axes than the rows are reduced."""
        portable = operators().by_name[self.op].lower(node, target)
        assert isinstance(portable, KernelCall)
        params = portable.params
        channels = node.output().elements
        rows = node.input(0).elements // channels
        if channels % 4 or params["kept_extents"] != [1, 1, channels] or params["kept_steps"] != [0, 0, 1]:
            return None
        if params["reduced_extents"] != [1, 1, rows] or params["reduced_steps"] != [0, 0, channels]:
            return None
        return KernelCall(
            "ek_mean_s8_dsp",
            {
                "rows": rows,
                "channels": channels,
                **{name: params[name] for name in ("offset", "multiplier", "shift", "output_zero_point")},
            },
            portable.inputs,
            portable.outputs,
        )


VARIANT = MeanDsp()

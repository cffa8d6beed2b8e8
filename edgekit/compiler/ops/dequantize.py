"""DEQUANTIZE: to float32, at the model's border."""

from __future__ import annotations

from collections.abc import Iterator

from edgekit.compiler.graph import NodeView
from edgekit.compiler.ops.base import KernelCall, Lowered, Operator, Target
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem

_KERNELS = {
    "int8": "ek_dequantize_s8_f32",
    "uint8": "ek_dequantize_u8_f32",
    "int16": "ek_dequantize_s16_f32",
}


class Dequantize(Operator):
    """scale * (x - zero point), as float32."""

    name = "DEQUANTIZE"
    code = 6
    options_type = 38
    signatures = tuple(f"{source} -> float32" for source in _KERNELS)
    limits = "one scale per tensor"
    notes = "one rounding to float32, in both profiles"

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if checks.arity(1):
            data, output = node.input(0), node.output()
            checks.quantized(data, *_KERNELS)
            checks.typed(output, "float32")
            checks.require(not data.constant, "its input is constant", hint="convert with constant folding")
            checks.require(
                data.shape == output.shape,
                "its output differs from its input in shape",
                str(list(data.shape)),
                str(list(output.shape)),
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of the kernel for the input's element type."""
        data, output = node.input(0), node.output()
        return KernelCall(
            _KERNELS[data.dtype.name],
            {"count": output.elements, "scale": data.q.scale, "zero_point": data.q.zero_point},
            (data.index,),
            (output.index,),
        )


OPERATOR = Dequantize()

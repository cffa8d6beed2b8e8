"""QUANTIZE: from float32 at the model's border, or to another scale, zero point or width."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from edgekit.compiler.graph import NodeView, Tensor
from edgekit.compiler.ops.base import Constant, KernelCall, Lowered, Operator, Ref, Target
from edgekit.compiler.ops.common import geometry
from edgekit.compiler.ops.common.binary import NUMBERS
from edgekit.compiler.ops.common.checks import Checks
from edgekit.errors import Problem
from edgekit.quant import quantize_multiplier, requantize_twice

_FROM_FLOAT = {"int8": "ek_quantize_f32_s8", "uint8": "ek_quantize_f32_u8", "int16": "ek_quantize_f32_s16"}
_FROM_INTEGER = {
    ("int8", "int8"): "ek_table_s8",
    ("int8", "uint8"): "ek_table_bytes",
    ("uint8", "int8"): "ek_table_bytes",
    ("uint8", "uint8"): "ek_table_bytes",
    ("int8", "int16"): "ek_requantize_s8_s16",
    ("int16", "int8"): "ek_requantize_s16_s8",
    ("int16", "int16"): "ek_requantize_s16",
}
_RESCALED = {("int32", "int8"), ("int32", "int16"), ("int16", "int32"), ("int8", "int32"), ("uint8", "int16")}
_MAX_RATIO = 1 << 14  # a left shift of 17 bits by more would leave 32


class Quantize(Operator):
    """Quantises float32, or rescales integers; from 8 to 8 bits by table."""

    name = "QUANTIZE"
    code = 114
    options_type = 89
    signatures = (
        *(f"float32 -> {to}" for to in _FROM_FLOAT),
        *(f"{source} -> {to}" for source, to in (*_FROM_INTEGER, *sorted(_RESCALED))),
    )
    limits = "one scale per tensor"
    notes = (
        "float32: divided in float32, to nearest, half away from zero; NaN becomes the zero point and "
        "what is out of range saturates; integers: rounds twice; the same in both profiles"
    )

    def check(self, node: NodeView) -> Iterator[Problem]:
        """Yields every reason why this node cannot be compiled."""
        checks = Checks(node)
        if not checks.arity(1):
            return iter(checks.problems)
        data, output = node.input(0), node.output()
        checks.require(not data.constant, "its input is constant", hint="convert with constant folding")
        checks.require(
            data.shape == output.shape,
            "its output differs from its input in shape",
            str(list(data.shape)),
            str(list(output.shape)),
        )
        if not checks.quantized(output, *_FROM_FLOAT, "int32"):
            return iter(checks.problems)
        if data.dtype == np.float32:
            checks.typed(output, *_FROM_FLOAT)
            return iter(checks.problems)
        kinds = (data.dtype.name, output.dtype.name)
        if checks.require(
            kinds in _FROM_INTEGER or kinds in _RESCALED,
            "its element types are not supported",
            ", ".join(self.signatures),
            " -> ".join(kinds),
        ) and checks.quantized(data, data.dtype.name):
            ratio = data.q.scale / output.q.scale
            checks.require(
                2.0**-30 < ratio < _MAX_RATIO,
                "its scales are out of proportion",
                f"input scale / output scale between 1e-9 and {_MAX_RATIO}",
                f"{ratio:g}",
            )
            checks.require(
                kinds != ("int16", "int16") or data.q.zero_point == output.q.zero_point == 0,
                "its zero points are not 0, as int16 to int16 needs",
                "0",
                f"{data.q.zero_point}, {output.q.zero_point}",
            )
            checks.require(
                all(tensor.q.zero_point == 0 for tensor in (data, output) if tensor.dtype == np.int32),
                "its int32 has a zero point",
                "0",
                f"{data.q.zero_point}, {output.q.zero_point}",
            )
            checks.require(
                data.dtype != np.int32 or ratio < 0.5,
                "its int32 is scaled up",
                "a ratio below 1/2",
                f"{ratio:g}",
            )
        return iter(checks.problems)

    def lower(self, node: NodeView, target: Target) -> Lowered:
        """Returns the call of a kernel for the two element types."""
        data, output = node.input(0), node.output()
        if data.dtype == np.float32:
            return KernelCall(
                _FROM_FLOAT[output.dtype.name],
                {"count": output.elements, "scale": output.q.scale, "zero_point": output.q.zero_point},
                (data.index,),
                (output.index,),
            )
        if (data.dtype.name, output.dtype.name) in _RESCALED:
            return _rescaled(data, output)
        kernel = _FROM_INTEGER[data.dtype.name, output.dtype.name]
        if kernel.startswith("ek_table"):
            return KernelCall(
                kernel,
                {"table": Ref("table"), "count": output.elements},
                (data.index,),
                (output.index,),
                (Constant("table", _table(data, output), table=True),),
                in_place=((0, 0),),
            )
        multiplier, shift = quantize_multiplier(data.q.scale / output.q.scale)
        return KernelCall(
            kernel,
            {
                "count": output.elements,
                "input_zero_point": data.q.zero_point,
                "output_zero_point": output.q.zero_point,
                "multiplier": multiplier,
                "shift": shift,
            },
            (data.index,),
            (output.index,),
            in_place=((0, 0),) if data.dtype == output.dtype else (),
        )

    def rows(self, node: NodeView, axis: int) -> Mapping[int, geometry.Window | None] | None:
        """Returns the same rows of its inputs."""
        return geometry.element_rows(node, axis)


def _rescaled(data: Tensor, output: Tensor) -> KernelCall:
    multiplier, shift = quantize_multiplier(data.q.scale / output.q.scale)
    ends = np.iinfo(output.dtype)
    return KernelCall(
        "ek_rescale",
        {
            "count": output.elements,
            "from": NUMBERS[data.dtype.name],
            "to": NUMBERS[output.dtype.name],
            "input_zero_point": data.q.zero_point,
            "output_zero_point": output.q.zero_point,
            "multiplier": multiplier,
            "shift": shift,
            "low": int(ends.min) - output.q.zero_point,
            "high": int(ends.max) - output.q.zero_point,
        },
        (data.index,),
        (output.index,),
    )


def _table(data: Tensor, output: Tensor) -> NDArray[np.generic]:
    """Returns the output for each 8-bit input: in order where both are int8, else by its bits."""
    values = np.arange(256).astype(np.uint8)
    signed = data.dtype == output.dtype == np.int8
    inputs = np.arange(-128, 128) if signed else values.view(data.dtype).astype(np.int64)
    scaled = requantize_twice(inputs - data.q.zero_point, *quantize_multiplier(data.q.scale / output.q.scale))
    limits = np.iinfo(output.dtype)
    made = np.clip(scaled + output.q.zero_point, limits.min, limits.max).astype(output.dtype)
    return made if signed else made.view(np.uint8)


OPERATOR = Quantize()
